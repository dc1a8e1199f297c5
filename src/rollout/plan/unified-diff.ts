/** Lines around a change that show where it is. */
const CONTEXT = 3;

type Edit = { kind: ' ' | '-' | '+'; line: string };

/**
 * Two texts, line by line, as `diff -u` shows them, without the names of files; empty when they are the same. `have` and `want` are
 * compared, `shown` is shown: its lines stand for theirs (masked, for example). Pure.
 */
export function unifiedDiff(
  have: readonly string[],
  want: readonly string[],
  shown: { have: readonly string[]; want: readonly string[] } = { have, want },
): string[] {
  const edits = editsOf(have, want, shown);
  const changed = edits.flatMap(({ kind }, index) => (kind === ' ' ? [] : [index]));
  const lines: string[] = [];
  for (let first = 0; first < changed.length; ) {
    let last = first;
    while (last + 1 < changed.length && changed[last + 1]! - changed[last]! <= 2 * CONTEXT) last++;
    const from = Math.max(0, changed[first]! - CONTEXT);
    const to = Math.min(edits.length, changed[last]! + CONTEXT + 1);
    lines.push(header(edits, from, to), ...edits.slice(from, to).map(({ kind, line }) => kind + line));
    first = last + 1;
  }
  return lines;
}

function header(edits: Edit[], from: number, to: number): string {
  const place = (other: '-' | '+') => {
    const before = edits.slice(0, from).filter(({ kind }) => kind !== other).length;
    const within = edits.slice(from, to).filter(({ kind }) => kind !== other).length;
    return `${within === 0 ? before : before + 1}${within === 1 ? '' : `,${within}`}`;
  };
  return `@@ -${place('+')} +${place('-')} @@`;
}

/** By the longest common subsequence of what is between the common beginning and end. User data is 16 KB at most: a table will do. */
function editsOf(
  have: readonly string[],
  want: readonly string[],
  shown: { have: readonly string[]; want: readonly string[] },
): Edit[] {
  let start = 0;
  while (start < have.length && start < want.length && have[start] === want[start]) start++;
  let tail = 0;
  const room = Math.min(have.length, want.length) - start;
  while (tail < room && have[have.length - 1 - tail] === want[want.length - 1 - tail]) tail++;
  const [rows, columns] = [have.length - tail - start, want.length - tail - start];
  const width = columns + 1;
  const common = new Uint32Array((rows + 1) * width);
  for (let i = rows - 1; i >= 0; i--)
    for (let j = columns - 1; j >= 0; j--)
      common[i * width + j] =
        have[start + i] === want[start + j]
          ? common[(i + 1) * width + j + 1]! + 1
          : Math.max(common[(i + 1) * width + j]!, common[i * width + j + 1]!);
  const keep = (at: number): Edit => ({ kind: ' ', line: shown.want[at]! });
  const edits = Array.from({ length: start }, (_, at) => keep(at));
  for (let i = 0, j = 0; i < rows || j < columns; ) {
    if (i < rows && j < columns && have[start + i] === want[start + j]) {
      edits.push(keep(start + j));
      i++;
      j++;
    } else if (i < rows && (j === columns || common[(i + 1) * width + j]! >= common[i * width + j + 1]!))
      edits.push({ kind: '-', line: shown.have[start + i++]! });
    else edits.push({ kind: '+', line: shown.want[start + j++]! });
  }
  for (let at = want.length - tail; at < want.length; at++) edits.push(keep(at));
  return edits;
}
