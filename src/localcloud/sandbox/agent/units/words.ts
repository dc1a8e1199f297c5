/** systemd.syntax(7), "Quoting": C-style escapes. */
const ESCAPES: Record<string, string> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  s: ' ',
  '\\': '\\',
  '"': '"',
  "'": "'",
};

/** Splits a value into words as systemd does: white space, double and single quotes, backslash escapes. */
export function splitWords(text: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let at = 0; at < text.length; at++) {
    const character = text[at] as string;
    if (character === '\\' && at + 1 < text.length) {
      const [value, length] = escaped(text.slice(at + 1));
      word = (word ?? '') + value;
      at += length;
    } else if (quote !== '') {
      if (character === quote) quote = '';
      else word += character;
    } else if (character === '"' || character === "'") {
      // Also in the middle of a word: `--name="a b"` is one (systemd's extract-word.c; its manual knows the start only).
      quote = character;
      word ??= '';
    } else if (/\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? '') + character;
  }
  if (word !== undefined) words.push(word);
  return words;
}

/** The character that an escape stands for, and how many characters it takes after the backslash. */
function escaped(rest: string): [string, number] {
  const number = /^(?:x([0-9a-fA-F]{2})|([0-7]{3})|u([0-9a-fA-F]{4}))/.exec(rest);
  if (number) {
    const code = number[2]
      ? Number.parseInt(number[2], 8)
      : Number.parseInt((number[1] ?? number[3]) as string, 16);
    return [String.fromCharCode(code), number[0].length];
  }
  const simple = ESCAPES[rest[0] as string];
  // An unknown escape is kept as it is.
  return simple === undefined ? [`\\${rest[0]}`, 1] : [simple, 1];
}
