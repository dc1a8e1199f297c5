import { quote } from '../communicators/job.ts';
import type { SmokeConfig } from '../config/schema.ts';
import { formatDuration } from '../run/format.ts';
import type { SmokeContext } from './context.ts';
import { testInstances } from './instances.ts';
import type { SmokeCheck } from './report.ts';

type CommandConfig = SmokeConfig['commands'][number];

const LONGEST_NAME = 60;

/** Runs a script of the user's on every new instance; exit code 0 means that the instance is well. */
export function testCommand(context: SmokeContext, config: CommandConfig): Promise<SmokeCheck> {
  const { timeout } = config;
  return testInstances(context, {
    name: 'command',
    about: commandName(config),
    script: commandScript(config, context.release),
    timeout,
    wrong({ state, exitCode, output }) {
      if (state === 'success') return undefined;
      const last = output.trim().split('\n').at(-1)?.trim() ?? '';
      const how =
        state === 'timed-out' ? `did not end within ${formatDuration(timeout)}` : `exit code ${exitCode}`;
      return last === '' ? how : `${how}: ${last}`;
    },
  });
}

/** Its first line, in back quotes. */
export function commandName({ run }: CommandConfig): string {
  const [first = '', ...more] = run.trim().split('\n');
  const cut = first.length > LONGEST_NAME;
  return `\`${cut ? first.slice(0, LONGEST_NAME) : first}${cut || more.length > 0 ? ' …' : ''}\``;
}

/** For bash, as checks of an image are; the agent's own shell starts it. */
const commandScript = ({ run, timeout }: CommandConfig, release: string): string =>
  `export BAKE_RELEASE=${quote(release)}
exec timeout ${Math.max(1, Math.ceil(timeout / 1_000))} bash -c ${quote(run)} </dev/null
`;
