import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { chatCommand } from './chat.ts';
import { cutoverCommand } from './cutover.ts';
import { fleetCommands } from './fleet.ts';
import { helpCommands } from './help.ts';
import { imageCommands } from './image.ts';
import { inPlaceCommands } from './in-place.ts';
import { initCommand } from './init.ts';
import { localCommands } from './local.ts';
import { planCommands } from './plan.ts';
import { rehearseCommand } from './rehearse.ts';
import { releaseCommand } from './release.ts';
import { rollbackCommands } from './rollback.ts';
import { rolloutCommands } from './rollout.ts';
import { examples } from './words.ts';

const FAMILIES = [
  initCommand,
  imageCommands,
  planCommands,
  rehearseCommand,
  rolloutCommands,
  rollbackCommands,
  cutoverCommand,
  releaseCommand,
  chatCommand,
  fleetCommands,
  inPlaceCommands,
  localCommands,
  helpCommands,
];

/** With its neighbours, the one place that knows names, flags and help. Each command is loaded when it is called: `--help` loads none. */
export async function createProgram(): Promise<Command> {
  const { Command } = await import('commander');
  const program = new Command('bake')
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
  for (const define of FAMILIES) define(program);
  return program;
}

const version = (): string =>
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version;
