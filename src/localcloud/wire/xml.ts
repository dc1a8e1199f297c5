/** How a protocol writes a list: EC2 `<set><item>…`, AWS Query `<List><member>…`, flattened `<List>…</List><List>…`. */
export type ListStyle = 'item' | 'member';

/** A list written flattened: its elements directly, under this name (SQS: Message, Attribute …). */
export class Flat {
  readonly items: unknown[];
  constructor(items: unknown[]) {
    this.items = items;
  }
}

/**
 * Plain values as XML. Keys are element names as they stand on the wire; `undefined` and `null` are left out;
 * Dates are written as ISO 8601.
 */
export function toXml(value: Record<string, unknown>, style: ListStyle): string {
  let xml = '';
  for (const name in value) xml += element(name, value[name], style);
  return xml;
}

function element(name: string, value: unknown, style: ListStyle): string {
  if (value === undefined || value === null) return '';
  if (typeof value !== 'object') return `<${name}>${escapeXml(String(value))}</${name}>`;
  if (value instanceof Flat) return elements(name, value.items, style);
  if (Array.isArray(value)) return `<${name}>${elements(style, value, style)}</${name}>`;
  if (value instanceof Date) return `<${name}>${value.toISOString()}</${name}>`;
  return `<${name}>${toXml(value as Record<string, unknown>, style)}</${name}>`;
}

function elements(name: string, items: unknown[], style: ListStyle): string {
  let xml = '';
  for (const item of items) xml += element(name, item, style);
  return xml;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: beside the markup's own characters these are what XML forbids
const SPECIAL = /[&<>"'\u0000-\u0008\u000b-\u001f\ufffe\uffff]/;

/** Control characters that XML 1.0 cannot hold become U+FFFD. */
export function escapeXml(text: string): string {
  if (!SPECIAL.test(text)) return text;
  return (
    text
      .replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`)
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that XML forbids
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
      .replace(/\r/g, '&#13;')
  );
}
