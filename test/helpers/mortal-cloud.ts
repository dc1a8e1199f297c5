/**
 * The same cloud as a process sees it that can be killed: from then on nothing it asks for happens any more, and every wait of it
 * ends in an error that nobody hears.
 */
export function mortal<T extends object>(cloud: T): { cloud: T; kill(): void } {
  let dead = false;
  const wrap = <O extends object>(object: O): O =>
    new Proxy(object, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value === 'object' && value !== null) return wrap(value);
        if (typeof value !== 'function') return value;
        return async (...args: unknown[]) => {
          if (dead) throw new Error('killed');
          return value.apply(target, args);
        };
      },
    });
  return {
    cloud: wrap(cloud),
    kill() {
      dead = true;
    },
  };
}
