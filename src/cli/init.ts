import type { Command } from 'commander';
import { action, examples } from './words.ts';

/** `bake init`. */
export function initCommand(program: Command): void {
  program
    .command('init')
    .description('write bake.yaml and all that it needs for the application in this directory')
    .option('--yes', 'ask nothing: take what is found and what is usual')
    .option('--force', 'write over files that are there')
    .option('--kind <kind>', 'what it is: django, rails, node, python or docker (default: found)')
    .option('--project <name>', 'name of the project (default: that of the directory)')
    .option('--cloud <cloud>', 'aws or alicloud')
    .option('--region <region>', 'region to build and roll out in')
    .option('--strategy <strategy>', 'rolling or blue-green')
    .option('--queue <name>', 'SQS queue that it receives from')
    .option('--no-queue', 'it receives from no queue')
    .option('--port <number>', 'port that it listens on')
    .option('--health <path>', 'path that answers when it is well')
    .option('--no-workflows', 'without workflows for GitHub Actions')
    .addHelpText(
      'after',
      examples(
        'bake init',
        'bake init --yes --queue jobs',
        'bake init --cloud alicloud --strategy blue-green',
      ),
    )
    .action(action(async (options) => (await import('../commands/init.ts')).init(options)));
}
