import {
  Document,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  type Scalar,
  visit,
  YAMLMap,
  YAMLSeq,
} from 'yaml';
import { knownAt, knownKeys } from '../config/known.ts';
import type { Configuration } from './configuration.ts';

const WIDTH = 120;
/** A collection stands on one line when it fits into so many characters, its depth counted twice, and holds no other. */
const SHORT = 110;

/**
 * bake.yaml as text: what the schema says of a key stands before the key's first appearance, so that a comment cannot say anything else
 * than the documentation; `remarks` follow it.
 */
export function commentedYaml({ values, remarks }: Configuration, head: string): string {
  const document = new Document(values, { aliasDuplicateObjects: false });
  const schema = knownKeys();
  const said = new Set<string>();
  const comment = (path: (string | number)[], key: Scalar | YAMLMap) => {
    const name = path.join('.');
    const known = path[0] === 'environments' ? undefined : knownAt(schema, path)[0]?.description;
    // Items of a list are all of one kind.
    const place = path.filter((step) => typeof step === 'string').join('.');
    const documented = typeof known === 'string' && !said.has(place) ? [known] : [];
    said.add(place);
    const lines = [...documented, ...(remarks[name] === undefined ? [] : [remarks[name]])].flatMap((text) =>
      wrap(text, WIDTH - 2 * path.filter((step) => step !== undefined).length - 2),
    );
    if (lines.length > 0) key.commentBefore = lines.map((line) => ` ${line}`).join('\n');
    if (path.length === 1 && path[0] !== 'project') key.spaceBefore = true;
  };
  const walk = (node: unknown, path: (string | number)[]): void => {
    if (isMap(node)) {
      for (const pair of node.items as Pair<Scalar, Node>[]) {
        const here = [...path, String(pair.key.value)];
        // What is said of the first key of a list's item stands above its dash.
        const first = typeof path.at(-1) === 'number' && pair === node.items[0];
        comment(here, first ? (node as YAMLMap) : pair.key);
        flow(pair.value, path.length);
        walk(pair.value, here);
      }
    } else if (isSeq(node)) for (const [index, item] of node.items.entries()) walk(item, [...path, index]);
  };
  walk(document.contents, []);
  quietFlow(document);
  document.commentBefore = wrap(head, WIDTH - 2)
    .map((line) => ` ${line}`)
    .join('\n');
  const text = document.toString({ lineWidth: 0, flowCollectionPadding: true, singleQuote: true });
  return text.replaceAll(/: \[ (.*) \]$/gm, ': [$1]');
}

/** Small collections that hold plain values only stand on one line. */
function flow(node: unknown, depth: number): void {
  if (!(node instanceof YAMLMap || node instanceof YAMLSeq)) return;
  const values = node.items.map((item) => (isScalar(item) ? item : (item as Pair).value));
  const small = values.every((value) => isScalar(value) && !String(value.value).includes('\n'));
  if (small && JSON.stringify(node.toJSON()).length + 2 * depth <= SHORT && depth > 0) node.flow = true;
}

/** Where a collection stands on one line its keys have no room for comments. */
function quietFlow(document: Document): void {
  visit(document, {
    Collection(_, node) {
      if (node.flow !== true) return undefined;
      visit(node, {
        Scalar(__, scalar) {
          scalar.commentBefore = undefined;
          scalar.spaceBefore = undefined;
        },
      });
      return visit.SKIP;
    },
  });
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
