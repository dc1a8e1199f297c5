#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { cutoverCommand } from './cli/cutover.ts';
import { fleetCommands } from './cli/fleet.ts';
import { imageCommands } from './cli/image.ts';
import { inPlaceCommands } from './cli/in-place.ts';
import { localCommands } from './cli/local.ts';
import { planCommands } from './cli/plan.ts';
import { rollbackCommands } from './cli/rollback.ts';
import { rolloutCommands } from './cli/rollout.ts';
import { examples } from './cli/words.ts';

// Node >= 22.8 keeps compiled code between starts; older ones do without.
(nodeModule as { enableCompileCache?: () => void }).enableCompileCache?.();

const { Command, CommanderError } = await import('commander');

/** With `cli/`, the one place that knows names, flags and help. Each command is loaded when it is called: `--help` loads none. */
const program = new Command('bake');

// A reader that went away (`bake build | head`) must not end a rollout half-way: what it no longer reads is dropped.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

const version = (): string =>
  JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version;

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

const families = [
  imageCommands,
  planCommands,
  rolloutCommands,
  rollbackCommands,
  cutoverCommand,
  fleetCommands,
  inPlaceCommands,
  localCommands,
];
for (const define of families) define(program);

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
