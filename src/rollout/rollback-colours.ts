import type { Cloud } from '../clouds/cloud.ts';
import type { Project } from '../config/schema.ts';
import type { Run } from '../run/run.ts';
import { cutOverTo } from './blue-green/cutover.ts';
import { abortBlueGreen } from './blue-green/resume.ts';
import type { FleetLock, RolloutRecord } from './record.ts';

/** Nothing of an earlier run is half done any more. What a colour at the back has suspended says its own tag. */
const SETTLED: Partial<RolloutRecord> = {
  strategy: undefined,
  kind: undefined,
  phase: undefined,
  front: undefined,
  back: undefined,
  frozen: undefined,
  suspended: undefined,
  sizes: undefined,
  refresh: undefined,
  passed: undefined,
  reason: undefined,
};

/** A change of colours ends by letting go of the lock; here it is one step of more, and only its own part of the record goes. */
const borrowed = (lock: FleetLock): FleetLock => ({
  get record() {
    return lock.record;
  },
  lost: lock.lost,
  note: (changes) => lock.note(changes),
  leave: () => lock.leave(),
  release: () => lock.note(SETTLED),
});

type Place = [run: Run, cloud: Cloud, project: Project, lock: FleetLock];

/** Puts the other colour in front, by its health alone: what it runs has proved itself. */
export async function takeOtherColour(...[run, cloud, project, lock]: Place): Promise<void> {
  await cutOverTo(run, cloud, project, { lock: borrowed(lock), mode: 'swift' });
}

/** Undoes a change of colours that was cut short. Returns the sentence that tells where the fleet is then. */
export async function undoColours(...[run, cloud, project, lock]: Place): Promise<string> {
  return (await abortBlueGreen(run, cloud, project, borrowed(lock))).words;
}
