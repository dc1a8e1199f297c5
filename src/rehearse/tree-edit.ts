/** A configuration as plain values, edited in place. */
export type Raw = Record<string, unknown>;

/** The map at a path; undefined where there is none. */
export function mapAt(root: unknown, ...path: (string | number)[]): Raw | undefined {
  let here = root;
  for (const step of path) {
    if (typeof here !== 'object' || here === null) return undefined;
    here = (here as Record<string | number, unknown>)[step];
  }
  return typeof here === 'object' && here !== null && !Array.isArray(here) ? (here as Raw) : undefined;
}

/** The maps in the list under a key. */
export function mapsIn(map: Raw | undefined, key: string): Raw[] {
  const list: unknown = map?.[key];
  return Array.isArray(list)
    ? list.flatMap((item: unknown): Raw[] => {
        const map = mapAt(item);
        return map ? [map] : [];
      })
    : [];
}

/** The map under a key, made where it is not there. */
export function need(map: Raw, key: string): Raw {
  const found = mapAt(map, key);
  if (found) return found;
  const made: Raw = {};
  map[key] = made;
  return made;
}

/** Every image of a configuration. */
export const rawImages = (config: Raw): Raw[] =>
  [mapAt(config, 'image'), ...Object.values(mapAt(config, 'images') ?? {}).map((one) => mapAt(one))].filter(
    (image) => image !== undefined,
  );
