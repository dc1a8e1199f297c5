import {
  AutoScalingClient,
  CreateAutoScalingGroupCommand,
  SuspendProcessesCommand,
} from '@aws-sdk/client-auto-scaling';
import { BakeError } from '../../run/errors.ts';
import { TAG } from '../../run/tags.ts';
import type { CopiedGroup, GroupCopies } from '../cloud.ts';
import type { Connection } from './connection.ts';
import { whileBusy } from './contention.ts';
import { differencesBetween } from './copies-compare.ts';
import { creationFor, refuseOperated, trafficFor } from './copies-group.ts';
import type { Renaming } from './copies-names.ts';
import { type Comparison, madeParts, meantParts, SCALING_PROCESSES } from './copies-parts.ts';
import { putParts } from './copies-put.ts';
import { readWhole, type WholeGroup } from './copies-read.ts';
import { removeCopy } from './copies-remove.ts';
import { tagRecord } from './describe.ts';
import { failedWith } from './errors.ts';
import { whileTemplateSettles } from './group-template.ts';
import { readGroup } from './groups.ts';
import { attachSources } from './traffic.ts';

/** Auto Scaling groups made like others. */
export function copies(aws: Connection): GroupCopies {
  const client = aws.client(AutoScalingClient);

  async function requireWhole(name: string): Promise<WholeGroup> {
    const whole = await readWhole(aws, name);
    if (whole) return whole;
    throw new BakeError(`scaling group ${name} does not exist`);
  }

  async function create(original: WholeGroup, renaming: Renaming): Promise<void> {
    const command = new CreateAutoScalingGroupCommand(creationFor(original, renaming));
    try {
      await whileTemplateSettles(aws, renaming.to.template, () => client.send(command));
    } catch (error) {
      if (!failedWith(error, 'AlreadyExists')) throw error;
      await requireOwn(renaming.to);
    }
  }

  /** The name is taken: by an earlier attempt of bake's, or by another group. */
  async function requireOwn({ name, tags }: CopiedGroup): Promise<void> {
    const found = tagRecord((await readGroup(aws, name))?.Tags);
    if (Object.entries(tags).every(([key, value]) => key === TAG.run || found[key] === value)) return;
    throw new BakeError(`there is another scaling group named ${name} already`, {
      hint: 'It does not carry the tags of this project and environment: rename or remove it.',
    });
  }

  const compare = (comparison: Comparison) =>
    differencesBetween(meantParts(comparison), madeParts(comparison), {
      from: comparison.renaming.from,
      to: comparison.renaming.to.name,
    });

  return {
    async copy(from, to) {
      const renaming = { from, to };
      const original = await requireWhole(from);
      refuseOperated(original.group);
      await create(original, renaming);
      const AutoScalingGroupName = to.name;
      const suspended = (original.group.SuspendedProcesses ?? []).map(({ ProcessName }) => ProcessName!);
      const ScalingProcesses = [...new Set([...suspended, ...SCALING_PROCESSES])];
      const suspend = new SuspendProcessesCommand({ AutoScalingGroupName, ScalingProcesses });
      await whileBusy(aws, () => client.send(suspend));
      if (to.traffic) await attachSources(aws, to.name, trafficFor(original.group, renaming));
      const copy = await requireWhole(to.name);
      const comparison = { renaming, original, copy, now: aws.clock.now() };
      await putParts(aws, comparison, new Set(compare(comparison).map(({ key }) => key)));
    },

    async differences(from, to) {
      const [original, copy] = await Promise.all([requireWhole(from), requireWhole(to.name)]);
      const comparison = { renaming: { from, to }, original, copy, now: aws.clock.now() };
      return compare(comparison).flatMap(({ sentences }) => sentences);
    },

    remove: (name, { force = false } = {}) => removeCopy(aws, name, force),
  };
}
