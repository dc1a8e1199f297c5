import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import { type InstanceRecord, instances } from './instance-record.ts';
import type { LaunchSpec, SpotOptions } from './launch-spec.ts';
import { findResource, type Tags } from './resources.ts';
import { onDemandPrice, spotPrice } from './spot-prices.ts';

export interface SpotRequestRecord {
  requestId: string;
  state: 'open' | 'active' | 'closed' | 'cancelled' | 'failed';
  /** Code and message. Source: EC2 user guide, "Spot request status codes". */
  status: { code: string; message: string; at: number };
  fault?: { code: string; message: string };
  options: SpotOptions;
  spec: LaunchSpec;
  instanceId?: string;
  /** Zone of the instance. */
  zone?: string;
  /** The notice that the instance is to go, and when. */
  interruption?: { action: SpotOptions['behavior']; at: number };
  createdAt: number;
  tags: Tags;
}

export const spotRequests = (engine: Engine) => engine.store.table<SpotRequestRecord>('spotRequests');

/** Throws InvalidSpotInstanceRequestID.NotFound. */
export const findSpotRequest = (engine: Engine, id: string) =>
  findResource<SpotRequestRecord>(engine, 'sir', id);

/** The request that an instance was launched for; undefined where it is none of spot. */
export const spotRequestOf = (engine: Engine, { spotRequestId }: InstanceRecord) =>
  spotRequestId === undefined ? undefined : spotRequests(engine).get(spotRequestId);

const FULFILLED = { code: 'fulfilled', message: 'Your Spot request is fulfilled.' };

/** An open request; the spot machine launches its instance. */
export function openSpotRequest(
  engine: Engine,
  spec: LaunchSpec,
  options: SpotOptions,
  tags: Tags,
): SpotRequestRecord {
  const requestId = `sir-${engine.ids.hex(8)}`;
  const now = engine.clock.now();
  return spotRequests(engine).put(requestId, {
    requestId,
    state: 'open',
    status: {
      code: 'pending-evaluation',
      message: 'Your Spot request has been submitted for review, and is pending evaluation.',
      at: now,
    },
    options,
    spec,
    createdAt: now,
    tags,
  });
}

/** Ties an instance to the request that it was launched for; one that was launched without gets its request now. */
export function fulfilSpotRequest(engine: Engine, instance: InstanceRecord, spec: LaunchSpec): void {
  const options = spec.spot as SpotOptions;
  const request =
    options.requestId === undefined
      ? openSpotRequest(engine, spec, options, spec.tags?.['spot-instances-request'] ?? {})
      : findSpotRequest(engine, options.requestId);
  const { instanceId, zone } = instance;
  spotRequests(engine).patch(request.requestId, {
    state: 'active',
    status: { ...FULFILLED, at: engine.clock.now() },
    instanceId,
    zone,
    interruption: undefined,
  });
  instances(engine).patch(instanceId, { spotRequestId: request.requestId });
}

/** Without a highest price of the user's own it is the on-demand price. Throws SpotMaxPriceTooLow. */
export function checkSpotPrice(type: string, zone: string, maxPrice: string | undefined): void {
  const price = spotPrice(type, zone);
  if (Number(maxPrice ?? onDemandPrice(type)) < price) {
    throw new ServiceError(
      'SpotMaxPriceTooLow',
      `Your Spot request price of ${maxPrice} is lower than the minimum required Spot request fulfillment price of ${price.toFixed(4)}.`,
    );
  }
}
