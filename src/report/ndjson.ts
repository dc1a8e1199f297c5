import type { Reporter } from './reporter.ts';

/** One JSON object a line, as in `src/run/events.ts`. */
export function ndjsonReporter(out: NodeJS.WritableStream): Reporter {
  return {
    emit: (event) => void out.write(`${JSON.stringify(event)}\n`),
    async close() {},
  };
}
