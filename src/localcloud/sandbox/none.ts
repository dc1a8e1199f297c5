import type { Runtime } from './runtime.ts';

/** The runtime without processes: state machines only. Every command succeeds with no output. */
export function noRuntime(): Runtime {
  const done = async () => {};
  return {
    kind: 'none',
    description: 'no processes (state machines only)',
    boot: done,
    reachable: async () => true,
    shutdown: done,
    destroy: done,
    freeze: done,
    removeLayer: done,
    consoleOutput: async () => '',
    run: async () => ({ exitCode: 0, stdout: '', stderr: '', timedOut: false }),
    cancel: done,
    onEnd() {},
    recover: async () => [],
  };
}
