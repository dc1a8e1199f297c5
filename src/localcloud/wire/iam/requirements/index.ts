import { ServiceError } from '../../../engine/errors.ts';
import { autoScalingRequirements } from './autoscaling.ts';
import { ec2Requirements } from './ec2.ts';
import { logsRequirements, sqsRequirements } from './queues-and-logs.ts';
import { type Asked, type Requirement, requestTags, tagsOf, textsOf } from './requirement.ts';
import { s3Requirements } from './s3.ts';
import { ssmRequirements } from './ssm.ts';

const BY_SERVICE: Record<string, (asked: Asked) => Requirement[]> = {
  autoscaling: autoScalingRequirements,
  ec2: ec2Requirements,
  iam: iamRequirements,
  logs: logsRequirements,
  monitoring: cloudWatchRequirements,
  s3: s3Requirements,
  sqs: sqsRequirements,
  ssm: ssmRequirements,
  sts: stsRequirements,
};

/** Every permission that a request needs, in the order in which they are asked for. */
export function requirementsOf(asked: Asked): Requirement[] {
  try {
    return (BY_SERVICE[asked.service] ?? otherRequirements)(asked);
  } catch (error) {
    // Malformed: the operation itself will say so, to whoever may use it at all.
    if (error instanceof ServiceError)
      return [{ action: `${asked.service}:${asked.operation}`, resource: '*' }];
    throw error;
  }
}

function iamRequirements({ engine, operation, input }: Asked): Requirement[] {
  const arn = (kind: string, name: string) => `arn:aws:iam::${engine.account}:${kind}/${name}`;
  const named: [string, string][] = [
    ['RoleName', 'role'],
    ['UserName', 'user'],
    ['InstanceProfileName', 'instance-profile'],
  ];
  const resources = named.flatMap(([name, kind]) => textsOf(input, name).map((one) => arn(kind, one)));
  const policies = resources.length > 0 ? [] : textsOf(input, 'PolicyArn');
  const all = [...resources, ...policies];
  const requirements = (all.length > 0 ? all : ['*']).map((resource) => ({
    action: `iam:${operation}`,
    resource,
    context: requestTags(tagsOf(input, 'Tags')),
  }));
  if (operation !== 'AddRoleToInstanceProfile') return requirements;
  const [role = '*'] = textsOf(input, 'RoleName');
  const passed = { 'iam:PassedToService': 'ec2.amazonaws.com' };
  return [
    ...requirements.filter(({ resource }) => resource.includes(':instance-profile/')),
    { action: 'iam:PassRole', resource: arn('role', role), context: passed },
  ];
}

/** Whoever has keys may ask who they belong to. */
function stsRequirements({ operation, input }: Asked): Requirement[] {
  if (operation === 'GetCallerIdentity' || operation === 'GetSessionToken') return [];
  return [{ action: `sts:${operation}`, resource: textsOf(input, 'RoleArn')[0] ?? '*' }];
}

function cloudWatchRequirements({ engine, region, operation, input }: Asked): Requirement[] {
  const action = `cloudwatch:${operation}`;
  const alarms = ['AlarmName', 'AlarmNames'].flatMap((name) => textsOf(input, name));
  const [namespace] = textsOf(input, 'Namespace');
  const context: Requirement['context'] =
    namespace === undefined ? {} : { 'cloudwatch:namespace': namespace };
  if (alarms.length === 0) return [{ action, resource: '*', context }];
  // Tags of a new alarm ask for a permission of their own. Source: CloudWatch API reference, PutMetricAlarm.
  const tagging = operation.startsWith('Put') && input.has('Tags') ? ['cloudwatch:TagResource'] : [];
  return alarms.flatMap((name) =>
    [action, ...tagging].map((each) => ({
      action: each,
      resource: `arn:aws:cloudwatch:${region}:${engine.account}:alarm:${name}`,
      context: requestTags(tagsOf(input, 'Tags')),
    })),
  );
}

/** Services whose requests name their resources by ARN (Elastic Load Balancing). */
function otherRequirements({ service, operation, input }: Asked): Requirement[] {
  const action = `${service}:${operation}`;
  const arns = Object.keys(input.values)
    .flatMap((name) => textsOf(input, name))
    .filter((text) => text.startsWith(`arn:aws:${service}:`));
  const context = requestTags(tagsOf(input, 'Tags'));
  if (operation.startsWith('Describe') || arns.length === 0) return [{ action, resource: '*', context }];
  return arns.map((resource) => ({ action, resource, context }));
}
