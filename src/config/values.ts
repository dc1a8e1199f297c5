import { z } from 'zod';

const DURATION_UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const SIZE_UNITS = { MiB: 1 / 1024, GiB: 1, TiB: 1024 } as const;

/** `90s`, `5m`, `2h`, `500ms`, `1d` in the file; milliseconds in the program. */
export const duration = z
  .string()
  .regex(/^\d+(\.\d+)?(ms|s|m|h|d)$/, 'a duration such as 90s, 5m or 2h')
  .transform((text) => {
    const [, value, unit] = /^([\d.]+)(ms|s|m|h|d)$/.exec(text) as unknown as [
      string,
      string,
      keyof typeof DURATION_UNITS,
    ];
    return Math.round(Number(value) * DURATION_UNITS[unit]);
  });

/** `30GiB`, `512MiB` in the file; GiB in the program. */
export const size = z
  .string()
  .regex(/^\d+(\.\d+)?(MiB|GiB|TiB)$/, 'a size such as 30GiB')
  .transform((text) => {
    const [, value, unit] = /^([\d.]+)(MiB|GiB|TiB)$/.exec(text) as unknown as [
      string,
      string,
      keyof typeof SIZE_UNITS,
    ];
    return Number(value) * SIZE_UNITS[unit];
  });

/** A duration as the configuration writes it, as a default value in the schema. */
export const durationDefault = (text: string) => duration.prefault(text);
