import type { Command } from 'commander';
import { action, examples, REPORT } from './words.ts';

/** Commands that make images and look after them. */
export function imageCommands(program: Command): void {
  program
    .command('validate')
    .description('check bake.yaml and every file it names')
    .addHelpText('after', examples('bake validate', 'bake validate -e production'))
    .action(action(async (options) => (await import('../commands/validate.ts')).validate(options)));

  program
    .command('build')
    .description('bake the image: only layers that changed are built')
    .option('--release <name>', 'name of the release (default: the next number)')
    .option('--no-cache', 'build every layer again')
    .option('--from <layer>', 'build this layer and those above it again')
    .option('--only <image>', 'build one of several images')
    .option('--resume [run]', 'go on with the builder that a crashed build left')
    .option(...REPORT)
    .addHelpText(
      'after',
      examples('bake build', 'bake build --release v42', 'bake build --local --from application'),
    )
    .action(action(async (options) => (await import('../commands/build.ts')).build(options)));

  program
    .command('gc')
    .description('remove what crashed builds left behind, and images beyond image.keep that nothing uses')
    .option('--older-than <duration>', 'only what runs left that began longer ago, such as 24h')
    .option('--run <id>', 'only what this run left, even if it has not expired yet')
    .option('--dry-run', 'say what would be removed')
    .addHelpText('after', examples('bake gc --dry-run', 'bake gc --older-than 24h', 'bake gc --local'))
    .action(action(async (options) => (await import('../commands/gc.ts')).gc(options)));
}
