import type { Cloud, Surroundings } from '../clouds/cloud.ts';
import type { Project } from '../config/schema.ts';
import { BakeError } from '../run/errors.ts';
import type { RunEvent } from '../run/events.ts';
import type { Run, Step } from '../run/run.ts';
import type { BakeProcess, CallOptions, CommandEnd } from './bake-process.ts';
import type { LocalCloud } from './faults.ts';
import type { Workspace } from './workspace.ts';

/** A release that was built for the rehearsal. */
export interface BuiltRelease {
  name: string;
  image: string;
}

/** What everything in a rehearsal works with. */
export interface Stage {
  run: Run;
  /** The configuration as it is rehearsed. */
  project: Project;
  workspace: Workspace;
  bake: BakeProcess;
  local: LocalCloud;
  cloud: Cloud;
  surroundings: Surroundings;
}

/** Runs a command of bake and tells what it does as the progress of a step. Returns how it ended, whatever that was. */
export const perform = (
  { bake }: Stage,
  step: Step,
  args: string[],
  { onEvent, ...options }: CallOptions = {},
): Promise<CommandEnd> =>
  bake.call([...args, '--local'], {
    ...options,
    onEvent(event) {
      tell(step, args, event);
      onEvent?.(event);
    },
  });

/** The same, of a command that has to succeed: what it says when it does not is thrown. */
export async function succeed(
  stage: Stage,
  step: Step,
  args: string[],
  options?: CallOptions,
): Promise<CommandEnd> {
  const end = await perform(stage, step, args, options);
  if (end.code === 0) return end;
  const { message = end.headline, hint, details = [] } = end.error ?? {};
  throw new BakeError(`bake ${args.join(' ')}: ${message}`, { details, hint });
}

function tell(step: Step, args: string[], event: RunEvent): void {
  const flags = args.findIndex((word) => word.startsWith('--'));
  const command = `bake ${args.slice(0, flags < 0 ? undefined : flags).join(' ')}`;
  if (event.type === 'step.started') step.progress(`${command}: ${event.title}`);
  else if (event.type === 'step.progress')
    step.progress(`${command}: ${event.message}`, { percent: event.percent });
}
