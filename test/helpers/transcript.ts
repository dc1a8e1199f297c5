/** A block of a document that a test makes: everything between its marker and the end of the fence after it. */
const block = (name: string) =>
  new RegExp(`(<!-- made by a test: ${name} -->\\n+\`\`\`\\w*\\n)[\\s\\S]*?(\`\`\`)`);

/** The document with its blocks as they are now. Throws when it has no such block. */
export function withBlocks(document: string, blocks: Record<string, string>): string {
  return Object.entries(blocks).reduce((text, [name, content]) => {
    if (!block(name).test(text)) throw new Error(`the document has no block ${name}`);
    return text.replace(block(name), (_, begin, end) => `${begin}${content.trimEnd()}\n${end}`);
  }, document);
}

/** What differs from run to run, made equal: ids, durations, and how many test messages were needed. */
export const normalised = (text: string): string =>
  text
    .replaceAll(/\b\d{8}-\d{6}-[0-9a-f]{6}\b/g, 'RUN')
    .replaceAll(/\b(ami|i)-[0-9a-f]{17}\b/g, '$1-ID')
    .replaceAll(/\b(\d+ m )?\d+(\.\d+)? (s|ms)\b|\b\d+ m\b/g, 'TIME')
    .replaceAll(/\b\d+ of \d+ test messages? processed(, all)?/g, 'MESSAGES')
    .replaceAll(/ +TIME/g, ' TIME');

/** Lines that tell how far something is come as often as there is time for. */
export const withoutProgress = (text: string): string =>
  text
    .split('\n')
    .filter((line) => !/^ +(bake [\w ]+: |… |\d+ % · )/.test(line))
    .join('\n');
