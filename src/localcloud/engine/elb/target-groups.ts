import { defaultVpc } from '../ec2/network.ts';
import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import { elbArn, type HealthCheck, type TargetGroupRecord, targetGroups, targets } from './records.ts';
import { checkPort, findTargetGroup, targetKey, targetsOf } from './targets.ts';
import { isInUse } from './use.ts';

export interface TargetGroupSpec {
  name: string;
  protocol: string;
  protocolVersion?: string;
  port: number;
  vpcId?: string;
  targetType: TargetGroupRecord['targetType'];
  /** Only what was asked for. */
  healthCheck: Partial<HealthCheck>;
  tags: Record<string, string>;
}

/** Source: CreateTargetGroup, for instances and addresses. */
const defaults = (protocol: string): HealthCheck => ({
  enabled: true,
  protocol,
  port: 'traffic-port',
  path: '/',
  intervalSeconds: 30,
  timeoutSeconds: protocol === 'HTTP' ? 5 : 10,
  healthyThreshold: 5,
  unhealthyThreshold: 2,
  matcher: '200',
});

/** One with the same name and settings is returned as it is. Throws DuplicateTargetGroupName, ValidationError, UnsupportedProtocol. */
export function createTargetGroup(engine: Engine, spec: TargetGroupSpec): TargetGroupRecord {
  const { name, protocol, protocolVersion, port, targetType, tags } = spec;
  if (!['HTTP', 'TCP'].includes(protocol) || (protocolVersion ?? 'HTTP1') !== 'HTTP1') {
    throw new ServiceError(
      'UnsupportedProtocol',
      `The local cloud's targets speak HTTP (HTTP1) or TCP, not ${protocol} ${protocolVersion ?? ''}`,
    );
  }
  checkPort(port);
  const vpcId = spec.vpcId ?? defaultVpc(engine).vpcId;
  const healthCheck = { ...defaults(protocol), ...given(spec.healthCheck) };
  checkHealthCheck(healthCheck);
  const existing = targetGroups(engine).filter((group) => group.name === name)[0];
  if (existing) {
    if (existing.protocol === protocol && existing.port === port && existing.targetType === targetType)
      return existing;
    throw new ServiceError(
      'DuplicateTargetGroupName',
      `A target group with the same name '${name}' exists, but with different settings`,
    );
  }
  const arn = elbArn(engine, `targetgroup/${name}/${engine.ids.hex(16)}`);
  return targetGroups(engine).put(arn, {
    arn,
    name,
    protocol,
    protocolVersion: protocol === 'HTTP' ? 'HTTP1' : undefined,
    port,
    vpcId,
    targetType,
    healthCheck,
    attributes: {},
    tags,
    createdAt: engine.clock.now(),
  });
}

/** Throws TargetGroupNotFound, ValidationError. */
export function modifyTargetGroup(
  engine: Engine,
  arn: string,
  changes: Partial<HealthCheck>,
): TargetGroupRecord {
  const healthCheck = { ...findTargetGroup(engine, arn).healthCheck, ...given(changes) };
  checkHealthCheck(healthCheck);
  return targetGroups(engine).patch(arn, { healthCheck });
}

/** Throws ResourceInUse while a listener or a rule refers to it. One that is not there is no error. */
export function deleteTargetGroup(engine: Engine, arn: string): void {
  if (isInUse(engine, arn)) {
    throw new ServiceError(
      'ResourceInUse',
      `Target group '${arn}' is currently in use by a listener or a rule`,
    );
  }
  for (const { id, port } of targetsOf(engine, arn)) targets(engine).delete(targetKey(arn, id, port));
  targetGroups(engine).delete(arn);
}

const RANGES: [keyof HealthCheck, number, number][] = [
  ['intervalSeconds', 5, 300],
  ['timeoutSeconds', 2, 120],
  ['healthyThreshold', 2, 10],
  ['unhealthyThreshold', 2, 10],
];

function checkHealthCheck(check: HealthCheck): void {
  const fail = (message: string) => new ServiceError('ValidationError', message);
  for (const [field, least, most] of RANGES) {
    const value = check[field] as number;
    if (!(value >= least && value <= most))
      throw fail(`Health check ${field} '${value}' must be from ${least} to ${most}`);
  }
  if (check.timeoutSeconds >= check.intervalSeconds) {
    throw fail(
      `Health check timeout '${check.timeoutSeconds}' must be smaller than or equal to the interval '${check.intervalSeconds}'`,
    );
  }
  if (!['HTTP', 'TCP'].includes(check.protocol))
    throw fail(`The local cloud checks by HTTP or TCP, not by ${check.protocol}`);
  if (!/^\/[!-~]*$/.test(check.path))
    throw fail(`Health check path '${check.path}' must begin with / and have printable characters only`);
  if (check.port !== 'traffic-port') checkPort(Number(check.port));
  if (!/^\d{3}(-\d{3})?(,\d{3}(-\d{3})?)*$/.test(check.matcher))
    throw fail(`Health check matcher HTTP code '${check.matcher}' is not valid`);
}

const given = (check: Partial<HealthCheck>): Partial<HealthCheck> =>
  Object.fromEntries(Object.entries(check).filter(([, value]) => value !== undefined));
