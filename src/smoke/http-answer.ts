import type { SmokeConfig } from '../config/schema.ts';

export type HttpConfig = SmokeConfig['http'][number];

/** As much of an answer as a test judges. */
export interface HttpAnswer {
  status: number;
  body: string;
}

/** Reads an HTTP/1.x response as it came over the wire, which may have been cut short; undefined where it is none. Pure. */
export function readResponse(response: Buffer): HttpAnswer | undefined {
  const text = response.toString('latin1');
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(text)?.[1];
  if (status === undefined) return undefined;
  const [head = '', ...rest] = text.split('\r\n\r\n');
  const raw = Buffer.from(rest.join('\r\n\r\n'), 'latin1');
  const body = /^transfer-encoding:.*chunked/im.test(head) ? unchunked(raw) : raw;
  return { status: Number(status), body: body.toString() };
}

function unchunked(raw: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; ; ) {
    const line = raw.indexOf('\r\n', at);
    const size = line < 0 ? Number.NaN : Number.parseInt(raw.toString('latin1', at, line), 16);
    if (!(size > 0)) return Buffer.concat(parts);
    parts.push(raw.subarray(line + 2, line + 2 + size));
    at = line + 2 + size + 2;
  }
}

/** The body's regular expression, with the release in place of `${smoke.release}`. */
export function bodyPattern({ body }: HttpConfig, release: string): RegExp | undefined {
  if (body === undefined) return undefined;
  return new RegExp(body.replaceAll('${smoke.release}', escaped(release)));
}

const escaped = (text: string) => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');

/** What is wrong with an answer, or undefined. Pure. */
export function wrongIn(answer: HttpAnswer, config: HttpConfig, release: string): string | undefined {
  if (answer.status !== config.status) return `answered ${answer.status}${said(answer)}`;
  const pattern = bodyPattern(config, release);
  if (!pattern || pattern.test(answer.body)) return undefined;
  return `answered ${answer.status}, but the body does not match ${pattern}${said(answer)}`;
}

const LONGEST = 120;

const said = ({ body }: HttpAnswer): string => {
  const line = body.trim().split('\n')[0]?.trim() ?? '';
  return line === '' ? '' : `: ${line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line}`;
};
