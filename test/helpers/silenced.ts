/**
 * The same cloud as a process sees it that is killed: `gone` is asked before each call with its name ("groups.suspend"), and once it says
 * so no call is made and none answers any more. An answer to a call that was under way does not arrive either, if it is `gone` by then.
 */
export function silenced<T extends object>(
  watched: T,
  gone: (call?: string) => boolean,
  path: readonly string[] = [],
): T {
  const never = new Promise<never>(() => {});
  return new Proxy(watched, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      const here = [...path, String(name)];
      if (typeof value === 'object' && value !== null) return silenced(value, gone, here);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) => {
        if (gone(here.join('.'))) return never;
        const answer: unknown = value.apply(target, args);
        if (!(answer instanceof Promise)) return answer;
        return answer.then(
          (result) => (gone() ? never : result),
          (error) => (gone() ? never : Promise.reject(error)),
        );
      };
    },
  });
}
