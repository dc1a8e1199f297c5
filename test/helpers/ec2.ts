import { VirtualClock } from '../../src/localcloud/engine/clock.ts';
import { baseImageId } from '../../src/localcloud/engine/ec2/images.ts';
import { installEc2 } from '../../src/localcloud/engine/ec2/index.ts';
import { createEngine, type Engine } from '../../src/localcloud/engine/engine.ts';
import type { ServiceError } from '../../src/localcloud/engine/errors.ts';
import { createIds } from '../../src/localcloud/engine/ids.ts';
import { createLatency } from '../../src/localcloud/engine/latency.ts';
import { Store } from '../../src/localcloud/engine/store.ts';
import { noRuntime } from '../../src/localcloud/sandbox/none.ts';
import type { BootRequest, Runtime } from '../../src/localcloud/sandbox/runtime.ts';
import { ec2Service } from '../../src/localcloud/wire/ec2/index.ts';
import { understand } from '../../src/localcloud/wire/protocols.ts';

export interface Ec2 {
  engine: Engine;
  clock: VirtualClock;
  base: string;
}

/** An EC2 on a virtual clock in memory. */
export function ec2(options: { runtime?: Runtime; store?: Store; clock?: VirtualClock } = {}): Ec2 {
  const clock = options.clock ?? new VirtualClock();
  const engine = createEngine({
    clock,
    store: options.store ?? new Store(),
    ids: createIds(1),
    latency: createLatency(),
    runtime: options.runtime ?? noRuntime(),
  });
  engine.endpoint = 'http://127.0.0.1:4660';
  installEc2(engine);
  return { engine, clock, base: baseImageId(engine) };
}

// biome-ignore lint/suspicious/noExplicitAny: answers are plain values named as on the wire; tests look where they like
type Answer = any;

/** One EC2 request in its form-encoded form, without the HTTP around it; settles as the server does. */
export async function call(
  engine: Engine,
  action: string,
  parameters: Record<string, string | number> = {},
  region = engine.region,
): Promise<Answer> {
  const form = new URLSearchParams({ Action: action });
  for (const [name, value] of Object.entries(parameters)) form.set(name, String(value));
  const { operation, input } = understand(ec2Service(), {}, '', form.toString());
  if (!operation) throw new Error(`no operation ${action}`);
  const caller = { accessKeyId: 'AKIA', arn: 'arn:aws:iam::000000000000:root', account: engine.account };
  const { signal } = new AbortController();
  const context = { engine, caller, requestId: 'r', path: '/', region, signal };
  try {
    return await operation(input, context);
  } finally {
    engine.settle();
  }
}

/** The code that a request is refused with. */
export async function refusal(
  engine: Engine,
  action: string,
  parameters: Record<string, string | number> = {},
  region = engine.region,
) {
  try {
    await call(engine, action, parameters, region);
  } catch (error) {
    return (error as ServiceError).code;
  }
  return 'accepted';
}

/** Launches one instance of the base image; returns its id. */
export async function launch(
  { engine, base }: Ec2,
  parameters: Record<string, string | number> = {},
): Promise<string> {
  const answer = await call(engine, 'RunInstances', {
    ImageId: base,
    InstanceType: 't3.micro',
    MinCount: 1,
    MaxCount: 1,
    ...parameters,
  });
  return answer.instancesSet[0].instanceId;
}

export async function stateOf(engine: Engine, id: string): Promise<string> {
  const answer = await call(engine, 'DescribeInstances', { 'InstanceId.1': id });
  return answer.reservationSet[0].instancesSet[0].instanceState.name;
}

/** A runtime without machines that writes down what it is asked, and fails where it is told to. */
export function recordingRuntime() {
  const calls: string[] = [];
  const boots: BootRequest[] = [];
  const failing = new Set<string>();
  let ended: (instanceId: string) => void = () => {};
  const note = async (call: string) => {
    calls.push(call);
    const name = call.split(' ')[0] as string;
    if (failing.has(name)) throw new Error(`${name} failed as told`);
  };
  const runtime: Runtime = {
    ...noRuntime(),
    kind: 'sandbox',
    boot: (request) => {
      boots.push(request);
      return note(`boot ${request.instanceId}`);
    },
    shutdown: (id) => note(`shutdown ${id}`),
    destroy: (id) => note(`destroy ${id}`),
    freeze: (id, layer, { live }) => note(`freeze ${id} ${layer}${live ? ' live' : ''}`),
    removeLayer: (layer) => note(`removeLayer ${layer}`),
    consoleOutput: async () => 'booted\n',
    onEnd: (listener) => {
      ended = listener;
    },
    recover: async (ids) => (failing.has('recover') ? ids : []),
  };
  return { runtime, calls, boots, failing, end: (id: string) => ended(id) };
}

/** Lets the runtime's work end and its delay pass. */
export async function pass({ engine, clock }: Ec2, ms = 1_000): Promise<void> {
  await engine.idle();
  clock.advance(ms);
  await engine.idle();
}
