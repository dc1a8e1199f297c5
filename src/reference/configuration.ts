import { bakeJsonSchema } from '../config/json-schema.ts';
import { allKeys, type Key, keysOf, NAME } from './keys.ts';
import { defaultWords, listed, typeWords } from './types.ts';

const HEAD = `# Configuration

Every key of \`bake.yaml\`, made from the schema by \`npm run docs:reference\`. \`bake explain KEY\` says the same on a terminal, with an example;
editors read it from [\`schema/bake.schema.json\`](../../schema/bake.schema.json).

\`[]\` is each entry of a list, \`<name>\` a name of yours. Durations are written \`90s\`, \`5m\`, \`2h\`; sizes \`512MiB\`, \`30GiB\`. Relative paths begin at the
directory of \`bake.yaml\`. \`\${env.NAME}\` and \`\${env.NAME:-default}\` in any value take it from the environment of bake; \`$\${\` is a plain \`\${\`.
`;

/** The reference of bake.yaml as Markdown: a section for each key at the top, a row for each key below it. */
export function configurationReference(): string {
  const top = keysOf(bakeJsonSchema());
  return `${[HEAD, ...top.map(section)].join('\n')}`;
}

/** What is explained elsewhere in full: any part of bake.yaml, and an image as under `image`. */
const ELSEWHERE: Record<string, string> = {
  environments: 'Each environment may hold every key of this page, `environments` excepted.',
  images: 'Each image has the keys of [`image`](#image).',
};

function section(key: Key): string {
  const { name, schema } = key;
  const lines = [`## ${name}`, '', schema.description ?? '', '', ...factLines(key)];
  const below = ELSEWHERE[name];
  if (below !== undefined) return [...lines, '', below, ''].join('\n');
  // A map of names to plain values says what its values are; a row for them would say it again.
  const keys = allKeys(schema, undefined, name).filter(
    (inner) => inner.name !== NAME || inner.schema.properties,
  );
  if (keys.length === 0) return [...lines, ''].join('\n');
  return [
    ...lines,
    '',
    '| key | what | type | default |',
    '| --- | --- | --- | --- |',
    ...keys.map(row),
    '',
  ].join('\n');
}

function factLines(key: Key): string[] {
  const usual = defaultWords(key.schema);
  const type = `Type: ${typeWords(key.schema)}.`;
  return [
    `${type}${usual === undefined ? '' : ` Default: \`${usual}\`.`}${key.required ? ' Required.' : ''}`,
  ];
}

function row({ name, path, schema, required, forms }: Key): string {
  const usual = defaultWords(schema);
  const only = forms.length > 0 && !forms.includes(name) ? `With ${listed(forms.map(code))}: ` : '';
  const cells = [
    code(path),
    `${only}${schema.description ?? ''}`,
    typeWords(schema),
    usual === undefined ? (required ? '*required*' : '') : code(usual),
  ];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

const code = (text: string): string => `\`${text}\``;
