import { closest, distance } from 'fastest-levenshtein';
import { z } from 'zod';
import { projectSchema } from './schema.ts';
import type { Path } from './tree.ts';

/** The part of a JSON schema that the configuration's words are made of. */
export interface Known {
  type?: string;
  enum?: string[];
  properties?: Record<string, Known>;
  additionalProperties?: Known | boolean;
  items?: Known;
  anyOf?: Known[];
  required?: string[];
  description?: string;
  default?: unknown;
  [key: string]: unknown;
}

/**
 * What bake.yaml may hold, as a JSON schema of its input form (before defaults). What a pattern means is told in words, under the
 * keyword that editors show (`patternErrorMessage`).
 */
export function knownKeys(): Known {
  known ??= z.toJSONSchema(projectSchema, {
    io: 'input',
    override: ({ zodSchema, jsonSchema }) => {
      const words = patternWords(zodSchema);
      if (words !== undefined) Object.assign(jsonSchema, { patternErrorMessage: `expected ${words}` });
    },
  }) as Known;
  return known;
}

/** Made once: it takes as long as reading a configuration. */
let known: Known | undefined;

/** The words that the schema gives with a pattern: "a duration such as 90s, 5m or 2h". */
function patternWords(schema: z.core.$ZodTypes): string | undefined {
  for (const check of schema._zod.def.checks ?? []) {
    const { error, format } = check._zod.def as z.core.$ZodCheckStringFormatDef;
    const words = format === 'regex' ? error?.({} as never) : undefined;
    if (typeof words === 'string') return words;
  }
  return undefined;
}

/** The schemas that may apply at a path: several where one of several forms is allowed. */
export function knownAt(schema: Known, path: Path): Known[] {
  let here = [schema];
  for (const step of path) {
    here = here.flatMap(alternatives).flatMap((form) => {
      if (typeof step === 'number') return form.items ? [form.items] : [];
      const property = form.properties?.[String(step)];
      if (property) return [property];
      return typeof form.additionalProperties === 'object' ? [form.additionalProperties] : [];
    });
  }
  return here;
}

const alternatives = (schema: Known): Known[] => schema.anyOf ?? [schema];

/** Of several forms, the keys that tell them apart: the required key that no other form has. */
export function tellingKeys(forms: Known[]): string[] {
  return forms.map((form) => {
    const others = forms.filter((other) => other !== form);
    const own = form.required?.find((key) => others.every((other) => !other.properties?.[key]));
    return own ?? '';
  });
}

/** The nearest of the candidates, when it is near enough to be meant. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const lower = word.toLowerCase();
  const best = closest(
    lower,
    candidates.map((candidate) => candidate.toLowerCase()),
  );
  const found = candidates.find((candidate) => candidate.toLowerCase() === best);
  return found !== undefined && distance(lower, best) <= Math.max(1, Math.floor(word.length / 3))
    ? found
    : undefined;
}

/** `, did you mean "x"?` or nothing. */
export function didYouMean(word: string, candidates: readonly string[]): string {
  const near = nearest(word, candidates);
  return near === undefined ? '' : `, did you mean "${near}"?`;
}
