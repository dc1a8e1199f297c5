import type { Command } from 'commander';
import { action, examples, REPORT } from './words.ts';

/** `bake fleet …` */
export function fleetCommands(program: Command): void {
  const fleet = program.command('fleet').description('the launch template and the scaling group');
  fleet
    .command('plan')
    .description('what apply would change, field by field; changes nothing')
    .addHelpText('after', examples('bake fleet plan', 'bake fleet plan -e production'))
    .action(action(async (options) => (await import('../commands/fleet.ts')).fleetPlan(options)));
  fleet
    .command('apply')
    .description('create the launch template and the scaling group, or bring them in line with bake.yaml')
    .option(...REPORT)
    .addHelpText('after', examples('bake fleet apply', 'bake fleet apply --local'))
    .action(action(async (options) => (await import('../commands/fleet.ts')).fleetApply(options)));
}
