import type { Command } from 'commander';
import { action, examples, REPORT } from './words.ts';

/** Commands that know what was there before, and bring it back. */
export function rollbackCommands(program: Command): void {
  program
    .command('rollback')
    .description('back to the last verified release, by the fastest way that exists')
    .option('--to <release>', 'release of `bake history` (default: the last verified one)')
    .option('--yes', 'do not ask')
    .option('--force-unlock', 'also when somebody holds the lock of the fleet, who loses it')
    .option(...REPORT)
    .addHelpText('after', examples('bake rollback', 'bake rollback --to v41 --yes -e production'))
    .action(action(async (options) => (await import('../commands/rollback.ts')).rollback(options)));

  program
    .command('history')
    .description('releases of the fleet, newest first: what runs which, and which is the way back')
    .addHelpText('after', examples('bake history', 'bake history --json'))
    .action(action(async (options) => (await import('../commands/history.ts')).history(options)));
}
