import type { Command } from 'commander';
import { action, examples, REPORT } from './words.ts';

/** Commands that bring a release to the fleet, and say what runs there. */
export function rolloutCommands(program: Command): void {
  program
    .command('rollout')
    .description('bring an image to the fleet, with smoke tests, and back if they fail')
    .addOption(
      program
        .createOption('--strategy <name>', 'how a release is brought')
        .choices(['rolling', 'blue-green', 'in-place']),
    )
    .option('--release <name>', 'release to roll out (default: the newest image)')
    .option('--image <id>', 'image to roll out')
    .option('--detach', 'begin, and let the cloud go on by itself (rolling)')
    .option('--resume', 'go on with a rollout that was left half done')
    .option('--abort', 'take back a blue-green rollout or a cutover that was left half done')
    .option('--on-interrupt <what>', 'what Ctrl-C does: ask, rollback, leave or cancel')
    .option('--force-unlock', 'also when somebody holds the lock of the fleet, who loses it')
    .option(...REPORT)
    .addHelpText(
      'after',
      examples(
        'bake rollout --strategy rolling',
        'bake rollout --release v42 -e production',
        'bake rollout --resume',
      ),
    )
    .action(action(async (options) => (await import('../commands/rollout.ts')).rollout(options)));

  program
    .command('smoke')
    .description('run the smoke tests against the release that the fleet runs')
    .option('--release <name>', 'release that has to pass')
    .addHelpText('after', examples('bake smoke', 'bake smoke --release v42 -e production'))
    .action(action(async (options) => (await import('../commands/smoke.ts')).smoke(options)));

  program
    .command('status')
    .description('what runs where: version of each instance, stragglers, rollout in progress')
    .option('--watch', 'look on until the rollout in progress has ended')
    .addHelpText('after', examples('bake status', 'bake status --watch', 'bake status --local --json'))
    .action(action(async (options) => (await import('../commands/status.ts')).status(options)));

  program
    .command('diagnose')
    .description('why the fleet is unhealthy: causes by name, with evidence and what to do; changes nothing')
    .addHelpText('after', examples('bake diagnose', 'bake diagnose -e production --json'))
    .action(action(async (options) => (await import('../commands/diagnose.ts')).diagnose(options)));

  program
    .command('report')
    .description('make the page of a run from the events that --json wrote')
    .argument('[events]', 'file with a JSON event a line (default: - for what comes in)')
    .option('--output <file>', 'the page (default: beside the events)')
    .option('--run <id>', 'which run, where the events are of several (default: the last)')
    .addHelpText('after', examples('bake report rollout.ndjson', 'bake report - --output page.html'))
    .action(
      action(async (options, events) => (await import('../commands/report.ts')).report(options, events)),
    );
}
