import { explainKey, explanationLines } from '../reference/explain.ts';
import { withFailures } from './failure.ts';
import type { GlobalOptions } from './session.ts';

/** `bake explain [KEY]`: what a key of bake.yaml means. */
export const explain = (options: GlobalOptions, key?: string): Promise<number> =>
  withFailures(options, async () => {
    const explanation = explainKey(key);
    const text = options.json ? JSON.stringify(explanation) : explanationLines(explanation).join('\n');
    process.stdout.write(`${text}\n`);
    return 0;
  });
