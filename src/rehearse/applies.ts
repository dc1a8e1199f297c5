import { hasImage } from '../config/images.ts';
import type { Project } from '../config/schema.ts';
import { isInPlace } from '../rollout/in-place/site.ts';
import type { Need, Scenario } from './scenario-schema.ts';

/** Why a scenario says nothing about this configuration; undefined where it does. Pure. */
export function whyNot(project: Project, { needs, command }: Scenario): string | undefined {
  const { config } = project;
  const { fleet, rollout, smoke, cloud } = config;
  const { strategy } = rollout;
  const image = hasImage(config) ? config.image : undefined;
  const stays = isInPlace(project);
  const tests = [smoke.sqs, smoke.logs, smoke.http[0], smoke.commands[0]].some((test) => test !== undefined);
  const reasons: Record<Need, string | false> = {
    fleet:
      (!fleet || stays) && (stays ? 'servers stay: releases are brought in place' : 'there is no `fleet`'),
    'in-place': !stays && 'releases are not brought in place',
    aws: cloud !== 'aws' && 'it is about AWS',
    rolling: strategy !== 'rolling' && `\`rollout.strategy\` is ${strategy}`,
    'blue-green': strategy !== 'blue-green' && `\`rollout.strategy\` is ${strategy}`,
    smoke:
      !tests &&
      'there is no smoke test: nobody would notice a release that starts and does nothing; add `smoke`',
    queue: !smoke.sqs && 'there is no `smoke.sqs`: messages cannot be followed',
    alarm: rollout.alarms.length === 0 && 'there are no `rollout.alarms`',
    spot: !image?.builder.spot && 'no builder is spot capacity (`image.builder.spot`)',
    'short-grace':
      strategy === 'blue-green' &&
      fleet?.healthCheck.type === 'elb' &&
      'a colour behind a load balancer is waited for through its whole grace period, which cannot be short here',
    zones: cloud !== 'aws' && 'the zones of a group are chosen otherwise there',
  };
  if (command === 'build' && (!image || stays)) return 'no image is built';
  return needs.map((need) => reasons[need]).find((reason) => reason !== false) || undefined;
}
