import type { Project } from '../config/schema.ts';
import { mapAt, mapsIn, need, type Raw, rawImages } from './tree-edit.ts';

/** The clouds count in whole seconds. Milliseconds. */
const LEAST = 1_000;
/** The least that AWS takes for the heartbeat of a lifecycle hook; who never completes one costs so much. Milliseconds. */
const HEARTBEAT = 30_000;
/** Log lines arrive at once here. Milliseconds. */
const SETTLE = 1_000;
/** A new release that is well answers long before; one that is not is waited for as long. Milliseconds. */
const PATIENCE = 20_000;
/** So long for a release of which it is expected. Milliseconds. */
const IMPATIENCE = 8_000;
/** A builder that does not answer by then is not going to: no instance profile, or a wrong way to reach it. Milliseconds. */
const READY = 60_000;
/** What real processes need to come up on one machine. Milliseconds. */
const GRACE = 30_000;
/** A time in which nothing has to happen. Milliseconds. */
const UNEVENTFUL = 5_000;
/** What stands for a rollout in which nothing moves. Milliseconds. */
const STANDSTILL = 45_000;

/** Makes waits shorter that would be real: those of the cloud are shortened by the cloud. Returns what to say of it. */
export function shorten(config: Raw, { config: given }: Project, speed: number): string[] {
  const put = (map: Raw | undefined, key: string, ms: number) => {
    if (map) map[key] = `${Math.round(ms)}ms`;
  };
  const divided = (ms: number) => (ms === 0 ? 0 : Math.max(Math.ceil(ms / speed / 1_000) * 1_000, LEAST));
  const rollout = need(config, 'rollout');
  put(rollout, 'soak', Math.min(divided(given.rollout.soak), UNEVENTFUL));
  put(rollout, 'checkpointDelay', divided(given.rollout.checkpointDelay));
  put(rollout, 'progressDeadline', Math.min(given.rollout.progressDeadline, STANDSTILL));
  rollout.onInterrupt = 'rollback';
  const { blueGreen } = given.rollout;
  const colours = need(rollout, 'blueGreen');
  put(colours, 'stepDelay', Math.min(divided(blueGreen.stepDelay), UNEVENTFUL));
  put(colours, 'hold', Math.min(divided(blueGreen.hold), UNEVENTFUL));
  put(colours, 'drainTimeout', Math.min(blueGreen.drainTimeout, PATIENCE));
  // The next scenario begins when the last one has ended.
  colours.duringHold = 'retire';
  for (const image of rawImages(config)) need(image, 'builder').readyTimeout = `${READY}ms`;
  if (given.fleet) {
    const fleet = need(config, 'fleet');
    put(fleet, 'warmup', divided(given.fleet.warmup));
    // It is for real processes: as long as it is, once the cloud has shortened it.
    const { type, gracePeriod } = given.fleet.healthCheck;
    const grace = Math.min(gracePeriod, GRACE) * (type === 'elb' ? speed : 1);
    put(need(fleet, 'healthCheck'), 'gracePeriod', grace);
    for (const [index, hook] of mapsIn(fleet, 'lifecycleHooks').entries())
      put(hook, 'heartbeat', Math.min(given.fleet.lifecycleHooks[index]?.heartbeat ?? HEARTBEAT, HEARTBEAT));
  }
  const { sqs, logs } = given.smoke;
  if (sqs) put(mapAt(config, 'smoke', 'sqs'), 'timeout', Math.min(sqs.timeout, PATIENCE));
  if (sqs) put(mapAt(config, 'smoke', 'sqs'), 'resendEvery', Math.min(sqs.resendEvery, 2_000));
  if (logs) put(mapAt(config, 'smoke', 'logs'), 'settle', Math.min(logs.settle, SETTLE));
  for (const [index, request] of mapsIn(mapAt(config, 'smoke'), 'http').entries())
    put(request, 'timeout', Math.min(given.smoke.http[index]?.timeout ?? PATIENCE, PATIENCE));
  for (const [index, command] of mapsIn(mapAt(config, 'smoke'), 'commands').entries())
    put(command, 'timeout', Math.min(given.smoke.commands[index]?.timeout ?? PATIENCE, PATIENCE));
  return [`waits are up to ${speed} times shorter; a smoke test is given ${PATIENCE / 1_000} s at most`];
}

/** A release that is expected to fail is not waited for as long. */
export function losePatience(config: Raw): void {
  const smoke = mapAt(config, 'smoke');
  const tests = [mapAt(smoke, 'sqs'), ...mapsIn(smoke, 'http'), ...mapsIn(smoke, 'commands')];
  for (const test of tests) if (test) test.timeout = `${IMPATIENCE}ms`;
}
