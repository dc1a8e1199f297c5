import { type ManagedInstance, managedInstances } from '../../engine/commands/managed.ts';
import { ServiceError } from '../../engine/errors.ts';
import type { Operation } from '../service.ts';
import { type Filter, filtersOf, pageOf, seconds } from './shapes.ts';

/** The version that the stand-in for the agent claims: any that is not too old for a document will do. */
const AGENT_VERSION = '3.3.0.0';

const DescribeInstanceInformation: Operation = async (input, { engine }) => {
  const filters = [
    ...filtersOf(input, 'Filters'),
    ...filtersOf(input, 'InstanceInformationFilterList', { key: 'key', values: 'valueSet' }),
  ];
  const tests = filters.map(testOf);
  const found = (await managedInstances(engine)).filter((one) => tests.every((test) => test(one)));
  const { items, next } = pageOf(found, input, 50);
  return { InstanceInformationList: items.map(shape), NextToken: next };
};

function testOf({ key, values }: Filter): (one: ManagedInstance) => boolean {
  const facts: Record<string, (one: ManagedInstance) => string | undefined> = {
    InstanceIds: ({ instance }) => instance.instanceId,
    PingStatus: pingStatus,
    PlatformTypes: () => 'Linux',
    ResourceType: () => 'EC2Instance',
    AgentVersion: () => AGENT_VERSION,
    IamRole: ({ instance }) => instance.profile,
  };
  if (key.startsWith('tag:')) {
    const name = key.slice('tag:'.length);
    return ({ instance }) => instance.tags[name] !== undefined && values.includes(instance.tags[name]);
  }
  if (key === 'tag-key') return ({ instance }) => values.some((name) => Object.hasOwn(instance.tags, name));
  if (!Object.hasOwn(facts, key))
    throw new ServiceError('InvalidFilterKey', `The filter key ${key} isn't valid.`);
  return (one) => values.includes(facts[key]!(one) ?? '');
}

const pingStatus = ({ online }: ManagedInstance) => (online ? 'Online' : 'ConnectionLost');

const shape = (one: ManagedInstance) => ({
  InstanceId: one.instance.instanceId,
  PingStatus: pingStatus(one),
  LastPingDateTime: seconds(one.lastPingAt),
  AgentVersion: AGENT_VERSION,
  IsLatestVersion: true,
  PlatformType: 'Linux',
  PlatformName: 'Amazon Linux',
  PlatformVersion: '2023',
  RegistrationDate: seconds(one.registeredAt),
  ResourceType: 'EC2Instance',
  IPAddress: one.instance.address,
  ComputerName: one.instance.dnsName,
  SourceId: one.instance.instanceId,
  SourceType: 'AWS::EC2::Instance',
});

export const instanceOperations: Record<string, Operation> = { DescribeInstanceInformation };
