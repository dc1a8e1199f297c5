import { styleText } from 'node:util';

type Format = Parameters<typeof styleText>[0];

/** Text in a colour where colour is wanted. */
export type Style = (format: Format, text: string) => string;

export const noStyle: Style = (_format, text) => text;

/** Colours on a terminal that has them; none into files and pipes, nor with NO_COLOR or TERM=dumb. */
export function styleFor(stream: NodeJS.WritableStream): Style {
  const terminal = stream as Partial<import('node:tty').WriteStream>;
  if (!terminal.isTTY || !terminal.hasColors?.()) return noStyle;
  // The decision is made: styleText (Node >= 22) must not decide again by looking at stdout.
  const unchecked = styleText as (format: Format, text: string, options: { validateStream: false }) => string;
  return (format, text) => unchecked(format, text, { validateStream: false });
}
