import type { Command } from 'commander';
import { action, examples } from './words.ts';

/** Releases by pull request. */
export function releaseCommand(program: Command): void {
  program
    .command('release')
    .description('pull request that brings what is on main to an environment; merging it rolls it out')
    .option('--status', 'only say what is to be released, and whose boxes are open')
    .option('--remind', 'ask the authors of open boxes, at most every two hours')
    .option('--merge', 'merge the pull request, when every box is ticked')
    .option('--yes', 'with --merge: also when boxes are open')
    .option(
      '--since <commit>',
      "where the environment's branch begins, the first time (default: one change before main)",
    )
    .addHelpText(
      'after',
      examples(
        'bake release -e production',
        'bake release -e production --status',
        'bake release -e production --merge',
      ),
    )
    .action(action(async (options) => (await import('../commands/release.ts')).release(options)));
}
