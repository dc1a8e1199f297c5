import type { Command } from 'commander';
import { action, examples } from './words.ts';

/** `bake plan …`: says what would be done. */
export function planCommands(program: Command): void {
  const plan = program.command('plan').description('what would be done, and why; changes nothing');
  plan
    .command('build')
    .description('which layers would be built, and why')
    .option('--release <name>', 'name of the release (default: the next number)')
    .option('--no-cache', 'as if no layer had an image')
    .option('--from <layer>', 'as if this layer and those above it had none')
    .option('--only <image>', 'one of several images')
    .addHelpText('after', examples('bake plan build', 'bake plan build --local --only web'))
    .action(action(async (options) => (await import('../commands/plan.ts')).planBuild(options)));
  plan
    .command('rollout')
    .description('what a rollout would change, how long it takes, and whether the caller may do it')
    .addOption(
      program
        .createOption('--strategy <name>', 'how it would be brought')
        .choices(['rolling', 'blue-green', 'in-place']),
    )
    .option('--release <name>', 'release to roll out (default: the newest image)')
    .option('--image <id>', 'image to roll out')
    .addHelpText(
      'after',
      examples('bake plan rollout', 'bake plan rollout --strategy blue-green -e production'),
    )
    .action(action(async (options) => (await import('../commands/plan.ts')).planRollout(options)));
}
