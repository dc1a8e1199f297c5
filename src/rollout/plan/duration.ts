import type { RolloutConfig } from '../../config/schema.ts';
import type { PlannedTest } from '../../smoke/planned.ts';
import type { Route } from '../blue-green/route.ts';

/** A part of a rollout, and how long it takes: when all is well, and at most before it is given up or simply over. Milliseconds. */
export interface PlannedStep {
  name: string;
  least: number;
  most: number;
}

interface Times {
  config: RolloutConfig;
  tests: PlannedTest[];
  /** From a launch to an instance in service, and until it counts as ready. */
  launch: number;
  warmup: number;
  /** How long a lifecycle hook may hold an instance. */
  longestHook: number;
}

const step = (name: string, least: number, most = least): PlannedStep => ({ name, least, most });

/** All tests of a gate run at once; logs are watched once more after the messages. */
function gate(tests: PlannedTest[]): { least: number; most: number } {
  const logs = tests.find(({ name }) => name === 'logs');
  return {
    least: Math.max(0, ...tests.map(({ least }) => least)),
    most: Math.max(0, ...tests.map(({ most }) => most)) + (logs && tests.length > 1 ? logs.most : 0),
  };
}

/** Pure. */
export function rollingSteps(
  { config, tests, launch, warmup, longestHook }: Times,
  { toReplace, batch, batches }: { toReplace: number; batch: number; batches: number },
): PlannedStep[] {
  const { least, most } = gate(tests);
  const { checkpoints, checkpointDelay, soak } = config;
  const times = batches === 1 ? 'at once' : `${batch} at a time`;
  return [
    step(`replace ${toReplace}, ${times}`, batches * (launch + warmup)),
    // AWS: a checkpoint's delay is its least; a gate that takes longer holds the refresh.
    ...checkpoints
      .filter((at) => at < 100)
      .map((at) =>
        step(`checkpoint at ${at} %`, Math.max(checkpointDelay, least), Math.max(checkpointDelay, most)),
      ),
    ...(longestHook > 0 ? [step('lifecycle hooks of the last ones', 0, longestHook)] : []),
    ...(soak > 0 || most > 0
      ? [
          step(
            soak > 0 ? 'soak, with the last tests' : 'last tests',
            Math.max(soak, least),
            Math.max(soak, most),
          ),
        ]
      : []),
  ].filter((one) => one.most > 0);
}

/** From a target that is registered to one that is healthy, with AWS's defaults (5 checks, 30 s apart). */
const HEALTHY = 150_000;
/** Taking a group apart that is empty. */
const REMOVAL = 30_000;

/** Pure. `serving` counts the steps after which the new colour does all the work; `emptied` those after which the old one is gone. */
export function blueGreenSteps(
  { config, tests, launch, warmup, longestHook }: Times,
  route: Route,
): { steps: PlannedStep[]; serving: number; emptied: number } {
  const { soak, blueGreen } = config;
  const { least, most } = gate(tests);
  const tested = most > 0;
  const coming = [
    step('launch the new colour', launch + warmup),
    ...(tested ? [step('tests while the old colour serves', least, most)] : []),
    ...traffic(route, blueGreen, { least, most }),
  ];
  const emptying = route.kind === 'queue' && blueGreen.drainCommand === undefined;
  const draining =
    route.kind === 'queue' || blueGreen.drainCommand !== undefined
      ? [step('let the old colour finish', 0, blueGreen.drainTimeout)]
      : [];
  const proving = [
    ...(tested ? [step('tests after the switch', least, most)] : []),
    ...(soak > 0 ? [step('soak', soak), ...(tested ? [step('last tests', least, most)] : [])] : []),
  ];
  const retiring =
    blueGreen.retire === 'wait'
      ? [
          ...(blueGreen.hold > 0 ? [step('keep the old colour at hand', blueGreen.hold)] : []),
          step('retire the old colour', REMOVAL, Math.max(REMOVAL, longestHook, blueGreen.drainTimeout)),
        ]
      : [];
  const steps = [...coming, ...draining, ...proving, ...retiring];
  return {
    steps,
    serving: coming.length,
    emptied: emptying ? coming.length + draining.length : steps.length,
  };
}

function traffic(
  route: Route,
  { steps, stepDelay }: RolloutConfig['blueGreen'],
  gate: { least: number; most: number },
): PlannedStep[] {
  if (route.kind === 'queue') return [];
  if (route.kind === 'target-group') {
    const delay = Math.max(0, ...route.targetGroups.map(({ deregistrationDelay }) => deregistrationDelay));
    return [step('new colour in, healthy', 0, HEALTHY), step('old colour out, its requests ended', 0, delay)];
  }
  return [
    step('new colour in, healthy', 0, HEALTHY),
    ...steps
      .filter((percent) => percent < 100)
      .map((percent) =>
        step(`${percent} % of the requests`, Math.max(stepDelay, gate.least), Math.max(stepDelay, gate.most)),
      ),
  ];
}

/** How long all of some steps take. */
export const together = (steps: PlannedStep[]): { least: number; most: number } => ({
  least: steps.reduce((sum, { least }) => sum + least, 0),
  most: steps.reduce((sum, { most }) => sum + most, 0),
});
