import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import { checkActions } from './actions.ts';
import { type ListenerRecord, listeners, loadBalancers, rules } from './records.ts';
import { checkPort } from './targets.ts';

/** What each type of load balancer listens for here. Encrypted listeners need certificates, of which there are none. */
const PROTOCOLS = { application: ['HTTP'], network: ['TCP'] };

/** Throws LoadBalancerNotFound, DuplicateListener, UnsupportedProtocol and what checkActions throws. */
export function createListener(engine: Engine, spec: Omit<ListenerRecord, 'arn'>): ListenerRecord {
  check(engine, spec);
  const arn = `${spec.loadBalancerArn.replace(':loadbalancer/', ':listener/')}/${engine.ids.hex(16)}`;
  return listeners(engine).put(arn, { ...spec, arn });
}

/** Throws ListenerNotFound and what createListener throws. */
export function modifyListener(
  engine: Engine,
  arn: string,
  changes: Partial<Pick<ListenerRecord, 'port' | 'protocol' | 'actions'>>,
): ListenerRecord {
  const changed = { ...findListener(engine, arn), ...changes };
  check(engine, changed, arn);
  return listeners(engine).put(arn, changed);
}

function check(engine: Engine, spec: Omit<ListenerRecord, 'arn'>, arn?: string): void {
  const { loadBalancerArn, port, protocol, actions } = spec;
  const balancer = loadBalancers(engine).get(loadBalancerArn);
  if (!balancer)
    throw new ServiceError('LoadBalancerNotFound', `Load balancer '${loadBalancerArn}' not found`);
  checkPort(port);
  const known = PROTOCOLS[balancer.type];
  if (!known.includes(protocol)) {
    throw new ServiceError(
      'UnsupportedProtocol',
      `A listener of the local cloud's ${balancer.type} load balancers has the protocol ${known}, not ${protocol}`,
    );
  }
  const other = listeners(engine).filter(
    (one) => one.loadBalancerArn === loadBalancerArn && one.port === port && one.arn !== arn,
  );
  if (other.length > 0)
    throw new ServiceError(
      'DuplicateListener',
      'A listener already exists on this port for this load balancer',
    );
  checkActions(engine, balancer, actions);
}

/** Throws ListenerNotFound. */
export function findListener(engine: Engine, arn: string): ListenerRecord {
  const listener = listeners(engine).get(arn);
  if (!listener) throw new ServiceError('ListenerNotFound', `One or more listeners not found: ${arn}`);
  return listener;
}

/** With its rules. */
export function deleteListener(engine: Engine, arn: string): void {
  for (const rule of rules(engine).filter(({ listenerArn }) => listenerArn === arn))
    rules(engine).delete(rule.arn);
  listeners(engine).delete(arn);
}
