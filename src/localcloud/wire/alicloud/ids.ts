/**
 * Both clouds' clients see the same engine; what they call its things differs by the prefix of the ids: `ami-1` is `m-1` in Alibaba
 * Cloud. Instances, security groups, VPCs and launch templates are called alike.
 */
const PREFIXES: Record<string, string> = { ami: 'm', snap: 's', vol: 'd', subnet: 'vsw' };
const ORIGINALS = Object.fromEntries(Object.entries(PREFIXES).map(([ours, theirs]) => [theirs, ours]));

const withPrefix = (id: string, prefixes: Record<string, string>): string => {
  const at = id.indexOf('-');
  const prefix = at < 0 ? undefined : prefixes[id.slice(0, at)];
  return prefix === undefined ? id : `${prefix}${id.slice(at)}`;
};

/** As clients of Alibaba Cloud see it. */
export const outward = (id: string): string => withPrefix(id, PREFIXES);

/** As the engine knows it. */
export const inward = (id: string): string => withPrefix(id, ORIGINALS);

/** Ids within a sentence of the engine's. */
export const outwardText = (text: string): string =>
  text.replace(/\b(ami|snap|vol|subnet)-(?=[0-9a-f]{8})/g, (_, prefix: string) => `${PREFIXES[prefix]}-`);
