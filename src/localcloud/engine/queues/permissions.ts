import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import { setAttributes } from './queues.ts';
import { findQueue, invalidValue, queueArn } from './records.ts';

interface QueuePolicy {
  Version: string;
  Id: string;
  Statement: { Sid: string; [element: string]: unknown }[];
}

function policyOf(engine: Engine, name: string): QueuePolicy {
  const text = findQueue(engine, name).attributes.Policy;
  const given = text ? (JSON.parse(text) as Partial<QueuePolicy>) : {};
  const id = `${queueArn(engine, name)}/SQSDefaultPolicy`;
  return { Version: '2012-10-17', Id: id, ...given, Statement: [given.Statement ?? []].flat() };
}

/** Writes a statement into the queue's policy. It is kept and shown; who may use a queue is decided by the caller's own policies. */
export function addPermission(
  engine: Engine,
  name: string,
  { label, accounts, actions }: { label: string; accounts: string[]; actions: string[] },
): void {
  if (!/^[\w-]{1,80}$/.test(label)) throw invalidValue('Label', label, 'It is not a valid label.');
  const missing = accounts.length === 0 ? 'AWSAccountId' : actions.length === 0 ? 'ActionName' : undefined;
  if (missing)
    throw new ServiceError('MissingParameter', `The request must contain the parameter ${missing}.`);
  const policy = policyOf(engine, name);
  if (policy.Statement.some(({ Sid }) => Sid === label))
    throw invalidValue('Label', label, 'Already exists.');
  const statement = {
    Sid: label,
    Effect: 'Allow',
    Principal: { AWS: accounts.map((account) => `arn:aws:iam::${account}:root`) },
    Action: actions.map((action) => `SQS:${action}`),
    Resource: queueArn(engine, name),
  };
  setAttributes(engine, name, {
    Policy: JSON.stringify({ ...policy, Statement: [...policy.Statement, statement] }),
  });
}

/** @throws InvalidParameterValue for a label that is not there */
export function removePermission(engine: Engine, name: string, label: string): void {
  const policy = policyOf(engine, name);
  const Statement = policy.Statement.filter(({ Sid }) => Sid !== label);
  if (Statement.length === policy.Statement.length)
    throw invalidValue('Label', label, "can't find label on existing policy.");
  const left = Statement.length === 0 ? '' : JSON.stringify({ ...policy, Statement });
  setAttributes(engine, name, { Policy: left });
}
