#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import * as nodeModule from 'node:module';

// Node >= 22.8 keeps compiled code between starts; older ones do without.
(nodeModule as { enableCompileCache?: () => void }).enableCompileCache?.();

const { Command, CommanderError } = await import('commander');

/** The one place that knows names, flags and help. Each command is loaded when it is called: `--help` loads none. */
const program = new Command('bake');

// A reader that went away (`bake build | head`) must not end a rollout half-way: what it no longer reads is dropped.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

const version = (): string =>
  JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version;

/** Runs a command; what it returns is the exit code. Nothing calls process.exit: open files and sockets end in order. */
const action =
  // biome-ignore lint/suspicious/noExplicitAny: each command module declares the type of its own flags.
    (work: (options: any, argument?: string) => Promise<number>) =>
    async (...parameters: unknown[]) => {
      const command = parameters.at(-1) as InstanceType<typeof Command>;
      process.exitCode = await work(command.optsWithGlobals(), command.args[0]);
    };

const examples = (...lines: string[]) => `\nExamples:\n${lines.map((line) => `  $ ${line}`).join('\n')}\n`;

program
  .description('Bakes machine images and rolls them out safely.')
  .version(version())
  .option('-C, --directory <dir>', 'run in this directory')
  .option('-e, --env <name>', 'environment of bake.yaml')
  .option('--file <file>', 'configuration file (default: bake.yaml here or in a parent directory)')
  .option('--local', 'use the local cloud instead of a cloud account')
  .option('--json', 'write events as JSON lines')
  .option('--debug', 'show stack traces')
  .configureHelp({ showGlobalOptions: true })
  .showSuggestionAfterError()
  .exitOverride()
  .addHelpText(
    'after',
    examples('bake validate', 'bake build --local', 'bake rollout --local', 'bake status --local'),
  );

program
  .command('validate')
  .description('check bake.yaml and every file it names')
  .addHelpText('after', examples('bake validate', 'bake validate -e production'))
  .action(action(async (options) => (await import('./commands/validate.ts')).validate(options)));

program
  .command('build')
  .description('bake the image: only layers that changed are built')
  .option('--release <name>', 'name of the release (default: the next number)')
  .option('--no-cache', 'build every layer again')
  .option('--from <layer>', 'build this layer and those above it again')
  .option('--only <image>', 'build one of several images')
  .option('--resume [run]', 'go on with the builder that a crashed build left')
  .addHelpText(
    'after',
    examples('bake build', 'bake build --release v42', 'bake build --local --from application'),
  )
  .action(action(async (options) => (await import('./commands/build.ts')).build(options)));

const plan = program.command('plan').description('what would be done, and why; changes nothing');
plan
  .command('build')
  .description('which layers would be built, and why')
  .option('--release <name>', 'name of the release (default: the next number)')
  .option('--no-cache', 'as if no layer had an image')
  .option('--from <layer>', 'as if this layer and those above it had none')
  .option('--only <image>', 'one of several images')
  .addHelpText('after', examples('bake plan build', 'bake plan build --local --only web'))
  .action(action(async (options) => (await import('./commands/plan.ts')).planBuild(options)));

program
  .command('rollout')
  .description('bring an image to the fleet, with smoke tests, and back if they fail')
  .option('--strategy <name>', 'how instances are replaced: rolling')
  .option('--release <name>', 'release to roll out (default: the newest image)')
  .option('--image <id>', 'image to roll out')
  .addHelpText(
    'after',
    examples('bake rollout --strategy rolling', 'bake rollout --release v42 -e production'),
  )
  .action(action(async (options) => (await import('./commands/rollout.ts')).rollout(options)));

program
  .command('smoke')
  .description('run the smoke tests against the release that the fleet runs')
  .option('--release <name>', 'release that has to pass')
  .addHelpText('after', examples('bake smoke', 'bake smoke --release v42 -e production'))
  .action(action(async (options) => (await import('./commands/smoke.ts')).smoke(options)));

program
  .command('status')
  .description('what runs where: version of each instance, stragglers, rollout in progress')
  .addHelpText('after', examples('bake status', 'bake status --local --json'))
  .action(action(async (options) => (await import('./commands/status.ts')).status(options)));

program
  .command('gc')
  .description('remove what crashed builds left behind, and images beyond image.keep that nothing uses')
  .option('--older-than <duration>', 'only what runs left that began longer ago, such as 24h')
  .option('--run <id>', 'only what this run left, even if it has not expired yet')
  .option('--dry-run', 'say what would be removed')
  .addHelpText('after', examples('bake gc --dry-run', 'bake gc --older-than 24h', 'bake gc --local'))
  .action(action(async (options) => (await import('./commands/gc.ts')).gc(options)));

const fleet = program.command('fleet').description('the launch template and the scaling group');
fleet
  .command('apply')
  .description('create the launch template and the scaling group, or bring them in line with bake.yaml')
  .addHelpText('after', examples('bake fleet apply', 'bake fleet apply --local'))
  .action(action(async (options) => (await import('./commands/fleet.ts')).fleetApply(options)));

const local = program
  .command('local')
  .description('the local cloud: real protocols, sandboxed instances, no account');
local
  .command('start')
  .description('start it, or say where it runs')
  .option('--speed <n>', 'divide every delay of the cloud by this', Number)
  .option('--runtime <kind>', 'sandbox (real processes) or none (state machines only)')
  .option('--seed <n>', 'make ids and jitter the same every time', Number)
  .option('--latency <file>', 'JSON file with the milliseconds of each transition')
  .option('--faults <file>', 'JSON file with faults: requests that fail, instances that die, capacity')
  .addHelpText(
    'after',
    examples('bake local start', 'bake local start --speed 60 --json', 'eval "$(bake local env)"'),
  )
  .action(action(async (options) => (await import('./commands/local.ts')).localStart(options)));
local
  .command('stop')
  .description('stop it; its instances shut down, its state stays')
  .addHelpText('after', examples('bake local stop'))
  .action(action(async (options) => (await import('./commands/local.ts')).localStop(options)));
local
  .command('status')
  .description('whether it runs, and with what')
  .addHelpText('after', examples('bake local status', 'bake local status --json'))
  .action(action(async (options) => (await import('./commands/local.ts')).localStatus(options)));
local
  .command('reset')
  .description('stop it and remove everything in it')
  .addHelpText('after', examples('bake local reset'))
  .action(action(async (options) => (await import('./commands/local.ts')).localReset(options)));
local
  .command('logs')
  .description("its own log, or an instance's console")
  .argument('[instance]', 'instance id')
  .option('-f, --follow', 'go on as lines come')
  .addHelpText('after', examples('bake local logs --follow', 'bake local logs i-0123456789abcdef0'))
  .action(
    action(async (options, instance) =>
      (await import('./commands/local-logs.ts')).localLogs(options, instance),
    ),
  );
local
  .command('env')
  .description('shell lines that point any AWS client at it')
  .addHelpText('after', examples('eval "$(bake local env)"', 'aws ec2 describe-instances'))
  .action(action(async (options) => (await import('./commands/local.ts')).localEnv(options)));

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    // Commander has said what is wrong; it uses 0 for help and version.
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else {
    process.exitCode = 1;
    console.error(
      process.argv.includes('--debug') ? error : `bake: defect: ${String(error)} (--debug shows where)`,
    );
  }
}
