import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import { hasCapacity } from './capacity.ts';
import { instances } from './instance-record.ts';
import { findInstance, runInstances } from './instances.ts';
import { placement } from './network.ts';
import {
  checkSpotPrice,
  findSpotRequest,
  type SpotRequestRecord,
  spotRequestOf,
  spotRequests,
} from './spot-requests.ts';
import { transition } from './transitions.ts';

/** EC2 gives notice two minutes ahead. Milliseconds. */
const NOTICE = 120_000;

/**
 * Announces to a spot instance, in its metadata, that EC2 takes it back; two minutes later it ends, or stops where its request
 * says so. Throws UnsupportedOperation for an instance that is none of spot.
 */
export function reclaimSpot(engine: Engine, instanceId: string): void {
  const request = spotRequestOf(engine, findInstance(engine, instanceId));
  if (!request) {
    throw new ServiceError('UnsupportedOperation', `The instance '${instanceId}' is not a Spot Instance.`);
  }
  if (request.interruption) return;
  const at = engine.clock.now() + engine.latency.scale(NOTICE);
  setStatus(engine, request, 'marked-for-termination', 'The Spot Instance is marked for termination.', {
    interruption: { action: request.options.behavior, at },
  });
}

/** Open requests are fulfilled or say why not; instances whose time is up end; requests follow their instances. */
export function reconcileSpot(engine: Engine, now: number): number | undefined {
  let next: number | undefined;
  const soon = (at: number | undefined) => {
    if (at !== undefined && at > now) next = Math.min(next ?? at, at);
  };
  for (const request of spotRequests(engine).all()) {
    if (request.state === 'open') {
      soon(request.options.validUntil);
      evaluate(engine, request, now);
    } else if (request.instanceId !== undefined) {
      soon(request.interruption?.at);
      follow(engine, request, request.instanceId, now);
    }
  }
  return next;
}

function evaluate(engine: Engine, request: SpotRequestRecord, now: number): void {
  const { spec, options, requestId } = request;
  if (options.validUntil !== undefined && options.validUntil <= now) {
    setStatus(engine, request, 'schedule-expired', 'The Spot request has expired.', { state: 'closed' });
    return;
  }
  try {
    // Asked first: a launch that fails would have changed the store, and so keep the engine busy.
    const { zone } = placement(engine, spec, 1);
    checkSpotPrice(spec.instanceType, zone, options.maxPrice);
    if (!hasCapacity(engine, spec.instanceType, zone)) {
      setStatus(
        engine,
        request,
        'capacity-not-available',
        'There is no capacity available that matches your request.',
      );
      return;
    }
    runInstances(engine, { ...spec, spot: { ...options, requestId } }, 1);
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    const { code, message } = error;
    if (code === 'SpotMaxPriceTooLow') setStatus(engine, request, 'price-too-low', message);
    else setStatus(engine, request, 'bad-parameters', message, { state: 'failed', fault: { code, message } });
  }
}

function follow(engine: Engine, request: SpotRequestRecord, instanceId: string, now: number): void {
  const state = instances(engine).get(instanceId)?.state ?? 'terminated';
  const { interruption } = request;
  if (state === 'shutting-down' || state === 'terminated') {
    const code = interruption ? 'instance-terminated-no-capacity' : 'instance-terminated-by-user';
    const message = `The instance was terminated by ${interruption ? 'EC2: its capacity was needed' : 'its user'}.`;
    // A persistent request goes on, unless its user ended the instance or cancelled it.
    const again = request.options.type === 'persistent' && interruption && request.state === 'active';
    setStatus(engine, request, code, message, {
      state: again ? 'open' : request.state === 'cancelled' ? 'cancelled' : 'closed',
      instanceId: undefined,
      interruption: undefined,
    });
  } else if (interruption && interruption.at <= now && (state === 'running' || state === 'pending')) {
    const reason = {
      code: 'Server.SpotInstanceTermination',
      message: 'Spot instance termination',
      transition: `Server.SpotInstanceTermination`,
    };
    transition(
      engine,
      instanceId,
      interruption.action === 'terminate' ? 'shutting-down' : 'stopping',
      reason,
    );
    if (interruption.action !== 'terminate') {
      setStatus(engine, request, 'instance-stopped-no-capacity', 'The instance was stopped.', {
        interruption: undefined,
      });
    }
  }
}

/** The instance, if there is one, goes on. Throws InvalidSpotInstanceRequestID.NotFound. */
export function cancelSpotRequest(engine: Engine, requestId: string): SpotRequestRecord {
  const request = findSpotRequest(engine, requestId);
  if (request.state !== 'open' && request.state !== 'active') return request;
  const unfulfilled = request.instanceId === undefined;
  const code = unfulfilled ? 'canceled-before-fulfillment' : 'request-canceled-and-instance-running';
  const message = unfulfilled
    ? 'The request was cancelled.'
    : 'The request was cancelled; its instance goes on.';
  return setStatus(engine, request, code, message, { state: 'cancelled' });
}

/** Nothing changes where all is so already: the reconciler has to come to rest. */
function setStatus(
  engine: Engine,
  request: SpotRequestRecord,
  code: string,
  message: string,
  fields: Partial<SpotRequestRecord> = {},
): SpotRequestRecord {
  if (request.status.code === code && Object.keys(fields).length === 0) return request;
  const status = { code, message, at: engine.clock.now() };
  return spotRequests(engine).patch(request.requestId, { status, ...fields });
}
