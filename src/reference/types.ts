import type { Known } from '../config/known.ts';

/** What may stand there, in words: "a list, each entry a whole number from 1 to 100". */
export function typeWords(schema: Known): string {
  if (schema.enum) return listed(schema.enum.map((word) => `\`${word}\``));
  if (schema.anyOf) return formWords(schema.anyOf);
  switch (schema.type) {
    case 'boolean':
      return 'true or false';
    case 'integer':
    case 'number':
      return numberWords(schema);
    case 'string':
      return textWords(schema);
    case 'array':
      return schema.items ? `a list, each entry ${typeWords(schema.items)}` : 'a list';
    case 'object':
      return mapWords(schema);
    default:
      return 'a value';
  }
}

function numberWords({ type, minimum, maximum }: Known): string {
  const kind = type === 'integer' ? 'a whole number' : 'a number';
  // JSON schema's own limits of whole numbers say nothing.
  const [low, high] = [minimum, maximum].map((limit) =>
    Math.abs(Number(limit ?? Number.NaN)) < Number.MAX_SAFE_INTEGER ? Number(limit) : undefined,
  );
  if (low !== undefined && high !== undefined) return `${kind} from ${low} to ${high}`;
  if (low !== undefined) return `${kind}, at least ${low}`;
  return high === undefined ? kind : `${kind}, at most ${high}`;
}

function textWords({ patternErrorMessage }: Known): string {
  if (typeof patternErrorMessage !== 'string') return 'text';
  const words = patternErrorMessage.replace(/^expected /, '');
  return /^(an?|the) /.test(words) ? words : `text: ${words}`;
}

function mapWords({ properties, additionalProperties }: Known): string {
  if (properties) return 'a map';
  if (typeof additionalProperties !== 'object') return 'a map';
  return `a map of names, each with ${typeWords(additionalProperties)}`;
}

/** Maps that differ in their keys are one word: the keys say which is which. */
function formWords(forms: Known[]): string {
  const maps = forms.filter(({ properties }) => properties);
  const others = forms.filter(({ properties }) => !properties).map(typeWords);
  if (maps.length === 0) return listed(others);
  const telling = maps.map(({ required }) => `\`${required?.[0] ?? ''}\``);
  return listed([...others, maps.length === 1 ? 'a map' : `a map with one of ${listed(telling)}`]);
}

export const listed = (words: readonly string[]): string =>
  words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;

/** The default as it would be written, or undefined: of a map, its keys have defaults of their own. */
export function defaultWords({ default: value }: Known): string | undefined {
  if (value === undefined || (typeof value === 'object' && !Array.isArray(value))) return undefined;
  if (Array.isArray(value)) return `[${value.map(String).join(', ')}]`;
  return String(value);
}
