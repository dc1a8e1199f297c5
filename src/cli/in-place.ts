import type { Command } from 'commander';
import { action, examples } from './words.ts';

/** Commands about servers that stay and get releases by SSH. */
export function inPlaceCommands(program: Command): void {
  const inPlace = program.command('in-place').description('servers that stay, and get releases by SSH');

  inPlace
    .command('setup')
    .description('print what prepares a server: directory, sudoers lines, systemd unit; changes nothing')
    .requiredOption('--print', 'print it, to be read, or run on the server as root')
    .addHelpText(
      'after',
      examples('bake in-place setup --print', 'bake in-place setup --print -e production'),
    )
    .action(action(async (options) => (await import('../commands/in-place.ts')).inPlaceSetup(options)));
}
