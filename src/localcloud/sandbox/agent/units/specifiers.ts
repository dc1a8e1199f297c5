/** systemd-escape(1) undone: `-` is `/`, `\x2d` a character. */
const unescapeName = (name: string) =>
  name
    .replaceAll('-', '/')
    .replace(/\\x([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));

/** Name of a unit taken apart: `worker@blue.service` -> prefix `worker`, instance `blue`. */
export function splitUnitName(name: string): { prefix: string; instance: string; suffix: string } {
  const [, prefix = name, , instance = '', suffix = ''] = /^([^@]*)(@(.*))?(\.[a-z]+)$/.exec(name) ?? [];
  return { prefix, instance, suffix };
}

/** Puts in the specifiers of systemd.unit(5) that need no more than names: %n %N %p %P %i %I %H %t %S %C %L %E %T %%. */
export function expandSpecifiers(text: string, unit: string, hostname: string): string {
  const { prefix, instance, suffix } = splitUnitName(unit);
  const values: Record<string, string> = {
    n: unit,
    N: unit.slice(0, unit.length - suffix.length),
    p: prefix,
    P: unescapeName(prefix),
    i: instance,
    I: unescapeName(instance),
    H: hostname,
    l: hostname.split('.')[0] as string,
    t: '/run',
    S: '/var/lib',
    C: '/var/cache',
    L: '/var/log',
    E: '/etc',
    T: '/tmp',
    V: '/var/tmp',
    '%': '%',
  };
  return text.replace(/%(.)/g, (match, letter: string) => values[letter] ?? match);
}
