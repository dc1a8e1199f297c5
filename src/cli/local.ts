import type { Command } from 'commander';
import { action, examples } from './words.ts';

/** `bake local …` */
export function localCommands(program: Command): void {
  const local = program
    .command('local')
    .description('the local cloud: real protocols, sandboxed instances, no account');
  local
    .command('start')
    .description('start it, or say where it runs')
    .option('--speed <n>', 'divide every delay of the cloud by this', Number)
    .option('--runtime <kind>', 'sandbox (real processes) or none (state machines only)')
    .option('--seed <n>', 'make ids and jitter the same every time', Number)
    .option('--latency <file>', 'JSON file with the milliseconds of each transition')
    .option('--faults <file>', 'JSON file with faults: requests that fail, instances that die, capacity')
    .addHelpText(
      'after',
      examples('bake local start', 'bake local start --speed 60 --json', 'eval "$(bake local env)"'),
    )
    .action(action(async (options) => (await import('../commands/local.ts')).localStart(options)));
  local
    .command('stop')
    .description('stop it; its instances shut down, its state stays')
    .addHelpText('after', examples('bake local stop'))
    .action(action(async (options) => (await import('../commands/local.ts')).localStop(options)));
  local
    .command('status')
    .description('whether it runs, and with what')
    .addHelpText('after', examples('bake local status', 'bake local status --json'))
    .action(action(async (options) => (await import('../commands/local.ts')).localStatus(options)));
  local
    .command('reset')
    .description('stop it and remove everything in it')
    .addHelpText('after', examples('bake local reset'))
    .action(action(async (options) => (await import('../commands/local.ts')).localReset(options)));
  local
    .command('logs')
    .description("its own log, or an instance's console")
    .argument('[instance]', 'instance id')
    .option('-f, --follow', 'go on as lines come')
    .addHelpText('after', examples('bake local logs --follow', 'bake local logs i-0123456789abcdef0'))
    .action(
      action(async (options, instance) =>
        (await import('../commands/local-logs.ts')).localLogs(options, instance),
      ),
    );
  local
    .command('env')
    .description('shell lines that point any AWS client at it')
    .addHelpText('after', examples('eval "$(bake local env)"', 'aws ec2 describe-instances'))
    .action(action(async (options) => (await import('../commands/local.ts')).localEnv(options)));
}
