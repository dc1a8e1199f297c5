import { createHash } from 'node:crypto';
import type { Cloud, Launched, LaunchRequest } from '../clouds/cloud.ts';
import type { ImageConfig } from '../config/schema.ts';
import { BakeError } from '../run/errors.ts';
import type { Step } from '../run/run.ts';

/** A type in a subnet, as spot capacity or on demand. */
interface Place {
  instanceType: string;
  subnetId?: string;
  spot: boolean;
}

/** Every type in every subnet, in the order of the configuration; with `spot`, all of them as spot first. */
export function placesFor({ instanceTypes, subnets, spot }: ImageConfig['builder']): Place[] {
  const somewhere = subnets.length > 0 ? subnets : [undefined];
  return (spot ? [true, false] : [false]).flatMap((asSpot) =>
    instanceTypes.flatMap((instanceType) =>
      somewhere.map((subnetId) => ({ instanceType, subnetId, spot: asSpot })),
    ),
  );
}

/**
 * Launches a machine at the first place that has room. `name` is unique to the machine, and a request that is sent again makes no
 * second one. Fails, naming every refusal, when no place has room.
 */
export async function launchWhereThereIsRoom(
  cloud: Cloud,
  step: Step,
  name: string,
  places: Place[],
  request: Omit<LaunchRequest, keyof Place | 'token'>,
): Promise<Launched & { spot: boolean }> {
  const refusals: string[] = [];
  for (const [attempt, place] of places.entries()) {
    const token = createHash('sha256').update(`${name} ${attempt}`).digest('hex');
    const launched = await cloud.instances.launch({ ...request, ...place, token });
    if ('instanceId' in launched) {
      step.summary = wordsFor(place);
      return { ...launched, spot: place.spot };
    }
    refusals.push(`${wordsFor(place)}: ${launched.noCapacity}`);
    step.progress(`no room for ${wordsFor(place)}, trying the next`);
  }
  throw new BakeError('the cloud has no room for a machine to build on', {
    details: refusals,
    hint: 'Name more types or subnets in image.builder.instanceTypes and image.builder.subnets.',
  });
}

const wordsFor = ({ instanceType, subnetId, spot }: Place): string =>
  `${instanceType}${spot ? ' (spot)' : ''} in ${subnetId ?? 'the default VPC'}`;
