import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OutputLines } from '../../src/communicators/output.ts';

describe('output that is fetched in pieces', () => {
  it('comes out as the same lines, however it was cut, even within a character', () => {
    const cuts = fc.array(fc.nat(40), { maxLength: 30 });
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' }).map(clean)), cuts, (wanted, sizes) => {
        const bytes = Buffer.from(wanted.map((line) => `${line}\n`).join(''));
        const lines: string[] = [];
        const output = new OutputLines((line) => lines.push(line));
        for (const size of sizes)
          output.push(bytes.subarray(output.offset, output.offset + size), output.offset);
        output.push(bytes, 0);
        output.end();
        expect(lines).toEqual(wanted);
        expect(output.tail).toEqual(wanted.slice(-20));
      }),
    );
  });

  it('is not repeated when a piece starts before what is known, and not torn when one starts after it', () => {
    const lines: string[] = [];
    const output = new OutputLines((line) => lines.push(line));
    output.push(Buffer.from('one\ntw'), 0);
    expect(output.push(Buffer.from('nothing of this'), 100)).toBe(0);
    output.push(Buffer.from('one\ntwo\n'), 0);
    expect(lines).toEqual(['one', 'two']);
  });

  it('ends with a line even without a newline, and shows of a progress bar what stood there last', () => {
    const lines: string[] = [];
    const output = new OutputLines((line) => lines.push(line));
    output.push(Buffer.from('10 %\r50 %\r100 %\r\n\u001b[31mred\u001b[0m'), 0);
    output.end();
    expect(lines).toEqual(['100 %', 'red']);
  });
});

/** Lines as they are shown: without line ends and control sequences. */
const clean = (text: string) => text.replace(/\p{Cc}/gu, '');
