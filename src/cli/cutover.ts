import type { Command } from 'commander';
import { action, examples, REPORT } from './words.ts';

/** `bake cutover` */
export function cutoverCommand(program: Command): void {
  program
    .command('cutover')
    .description('put the other colour in front: the one that is kept for the way back, or that is coming')
    .option('--emergency', 'at once: without smoke tests and steps, as soon as one instance is healthy')
    .option('--force', 'with --emergency: even if no instance is healthy')
    .option('--yes', 'do not ask')
    .option('--force-unlock', 'also when somebody holds the lock of the fleet, who loses it')
    .option(...REPORT)
    .addHelpText('after', examples('bake cutover', 'bake cutover --emergency --yes -e production'))
    .action(action(async (options) => (await import('../commands/cutover.ts')).cutover(options)));
}
