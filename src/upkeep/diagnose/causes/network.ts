import type { OutboundRule, SecurityGroup } from '../../../clouds/cloud.ts';
import type { Facts, FleetInstance } from '../facts.ts';
import type { Finding } from '../finding.ts';
import { fewLines, groupedBy, onInstances } from './words.ts';

/** Every service of the cloud is reached by it. */
const HTTPS = 443;

const letsOut = ({ protocol, fromPort, toPort, to }: OutboundRule): boolean =>
  to.length > 0 &&
  (protocol === 'all' ||
    (protocol === 'tcp' && (fromPort ?? 0) <= HTTPS && HTTPS <= (toPort ?? Number.POSITIVE_INFINITY)));

/** Instances whose security groups, all together, let nothing out to port 443. Pure. */
export function noEgress(facts: Facts): Finding[] {
  const groupsOf = ({ machine }: FleetInstance): SecurityGroup[] =>
    facts.securityGroups.filter(({ id }) => machine?.securityGroupIds.includes(id));
  const closed = facts.instances.filter((instance) => {
    const groups = groupsOf(instance);
    return groups.length > 0 && groups.every(({ outbound }) => !outbound.some(letsOut));
  });
  const sets = groupedBy(closed, (one) =>
    groupsOf(one)
      .map(({ id }) => id)
      .join(' '),
  );
  return sets.map(([, instances]) => {
    const groups = groupsOf(instances[0]!);
    const nothing = groups.every(({ outbound }) => outbound.length === 0);
    const silent = instances.filter(({ id }) => facts.silent.includes(id));
    return {
      cause: 'no egress',
      weight: nothing || silent.length > 0 ? 'certain' : 'likely',
      summary: `the security group lets nothing out${nothing ? '' : ` to port ${HTTPS}`} ${onInstances(
        instances.map(({ id }) => id),
        facts,
      )}: queues, logs and the agent's service cannot be reached`,
      evidence: [
        ...groups.map(
          ({ id, name, outbound }) =>
            `${id} (${name}): ${outbound.length === 0 ? 'no outbound rule' : `${outbound.length} outbound rules, none for TCP ${HTTPS}`}`,
        ),
        ...silent.map(({ id }) => `${id}: its agent does not answer`),
      ],
      advice: [
        `Let HTTPS out: \`aws ec2 authorize-security-group-egress --group-id ${groups[0]!.id} --ip-permissions IpProtocol=tcp,FromPort=${HTTPS},ToPort=${HTTPS},IpRanges=[{CidrIp=0.0.0.0/0}]\``,
      ],
    };
  });
}

/** What instances were asked to reach and cannot. Pure. */
export function unreachable(facts: Facts): Finding[] {
  const tried = facts.machines.flatMap(({ id, reach }) => reach.map((one) => ({ id, ...one })));
  const failed = tried.filter(({ problem }) => problem !== undefined);
  return groupedBy(failed, ({ endpoint }) => endpoint).map(([endpoint, ones]) => {
    const all = tried.filter((one) => one.endpoint === endpoint);
    return {
      cause: 'dependency not reachable',
      weight: ones.length === all.length ? 'certain' : 'likely',
      summary: `${endpoint} cannot be reached ${onInstances(
        ones.map(({ id }) => id),
        facts,
      )}`,
      evidence: fewLines(ones.map(({ id, problem }) => `${id}: ${problem}`)),
      advice: [
        'Look at routes (a NAT gateway or VPC endpoint), security groups on both sides, and the name in DNS.',
      ],
    };
  });
}

/** A machine is given this long to boot before its agent is missed, milliseconds. */
const BOOT = 180_000;

/** Instances in service that cannot be asked, where nothing else explains it. Pure. */
export function instanceSilent(facts: Facts): Finding[] {
  const ids = facts.instances
    .filter(({ id, machine }) => facts.silent.includes(id) && facts.now - (machine?.launchedAt ?? 0) > BOOT)
    .map(({ id }) => id);
  if (ids.length === 0) return [];
  return [
    {
      cause: 'instance silent',
      weight: facts.machines.length > 0 ? 'likely' : 'possible',
      summary: `the agent does not answer ${onInstances(ids, facts)}, so that bake could not look inside`,
      evidence: [],
      advice: [
        'The image needs the SSM agent, the instance profile AmazonSSMManagedInstanceCore, and the network a way to SSM.',
      ],
    },
  ];
}
