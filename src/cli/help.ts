import type { Command } from 'commander';
import { action, examples } from './words.ts';

/** Commands that help with bake itself. */
export function helpCommands(program: Command): void {
  program
    .command('explain')
    .description('what a key of bake.yaml means: its type, default, an example')
    .argument('[key]', 'such as rollout.checkpoints (default: lists the keys)')
    .addHelpText('after', examples('bake explain', 'bake explain rollout.checkpoints', 'bake explain hold'))
    .action(action(async (options, key) => (await import('../commands/explain.ts')).explain(options, key)));
}
