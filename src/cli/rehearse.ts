import type { Command } from 'commander';
import { action, examples } from './words.ts';

const several = (value: string, before: string[] = []): string[] => [...before, value];

/** `bake rehearse` */
export function rehearseCommand(program: Command): void {
  program
    .command('rehearse')
    .description('play build, rollout, failures and ways back on a local cloud made for it; touches nothing')
    .option('--scenario <name...>', 'only these (default: all that apply)')
    .option('--faults <file>', 'a scenario of your own; may be given several times', several)
    .option('--seed <n>', 'random faults, the same for the same number', Number)
    .option('--speed <factor>', 'how much shorter waits are', '60x')
    .option('--hooks', 'run the hooks of bake.yaml, too')
    .option('--keep', 'leave the local cloud to look around')
    .option('--report <file>', 'write a page that tells the rehearsal')
    .addHelpText(
      'after',
      examples(
        'bake rehearse',
        'bake rehearse --scenario smoke-failure alarm',
        'bake rehearse --seed 7 --report rehearsal.html',
      ),
    )
    .action(action(async (options) => (await import('../commands/rehearse.ts')).rehearseCommand(options)));
}
