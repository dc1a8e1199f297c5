#!/usr/bin/env node
import * as nodeModule from 'node:module';

// Node >= 22.8 keeps compiled code between starts; older ones do without.
(nodeModule as { enableCompileCache?: () => void }).enableCompileCache?.();

const { CommanderError } = await import('commander');
const { createProgram } = await import('./cli/program.ts');

// A reader that went away (`bake build | head`) must not end a rollout half-way: what it no longer reads is dropped.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

try {
  const program = await createProgram();
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
