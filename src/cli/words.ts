import type { Command } from 'commander';

/** Runs a command; what it returns is the exit code. Nothing calls process.exit: open files and sockets end in order. */
export const action =
  // biome-ignore lint/suspicious/noExplicitAny: each command module declares the type of its own flags.
    (work: (options: any, argument?: string) => Promise<number>) =>
    async (...parameters: unknown[]) => {
      const command = parameters.at(-1) as Command;
      process.exitCode = await work(command.optsWithGlobals(), command.args[0]);
    };

/** The end of a command's help: what to type, a line each. */
export const examples = (...lines: string[]): string =>
  `\nExamples:\n${lines.map((line) => `  $ ${line}`).join('\n')}\n`;

/** Of commands whose runs are told on a page. */
export const REPORT: [flags: string, description: string] = [
  '--report <file>',
  'where the page that tells the run goes (default: .bake/runs/RUN.html)',
];
