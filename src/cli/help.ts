import type { Command } from 'commander';
import { action, examples } from './words.ts';

/** Commands that help with bake itself. */
export function helpCommands(program: Command): void {
  program
    .command('doctor')
    .description(
      'whether everything is there that bake needs: credentials, permissions, clock, programs; changes nothing',
    )
    .addHelpText('after', examples('bake doctor', 'bake doctor -e production', 'bake doctor --local --json'))
    .action(action(async (options) => (await import('../commands/doctor.ts')).doctor(options)));

  program
    .command('explain')
    .description('what a key of bake.yaml means: its type, default, an example')
    .argument('[key]', 'such as rollout.checkpoints (default: lists the keys)')
    .addHelpText('after', examples('bake explain', 'bake explain rollout.checkpoints', 'bake explain hold'))
    .action(action(async (options, key) => (await import('../commands/explain.ts')).explain(options, key)));

  program
    .command('completion')
    .description('print what makes a shell complete commands, options and their values')
    .argument('<shell>', 'bash, zsh or fish')
    .addHelpText(
      'after',
      examples(
        'source <(bake completion bash)',
        'source <(bake completion zsh)',
        'bake completion fish | source',
      ),
    )
    .action(
      action(async (options, shell) =>
        (await import('../commands/completion.ts')).completion(options, shell),
      ),
    );

  program
    .command('complete', { hidden: true })
    .description('what shells ask while somebody types: the words, of which the last one is not whole')
    .argument('[words...]')
    .action(async (words: string[]) => {
      process.exitCode = (await import('../commands/completion.ts')).completeWords(program, words);
    });
}
