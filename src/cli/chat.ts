import type { Command } from 'commander';
import { action, examples } from './words.ts';

/** The bot of the team's channel. */
export function chatCommand(program: Command): void {
  program
    .command('chat')
    .description('bot that takes deploy, status, rollback and cutover in Slack, with everybody looking on')
    .option('--socket', 'by a socket that it opens itself: nothing has to reach it (default)')
    .option('--port <number>', 'take signed requests of Slack on this port instead')
    .option('--host <address>', 'address for --port (default: 127.0.0.1, behind a proxy that does TLS)')
    .addHelpText('after', examples('bake chat', 'bake chat --port 3000 --host 0.0.0.0'))
    .action(action(async (options) => (await import('../commands/chat.ts')).chat(options)));
}
