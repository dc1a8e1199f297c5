import { describe, expect, it } from 'vitest';
import { readPolicy } from '../../../src/localcloud/engine/iam/documents.ts';
import { evaluate } from '../../../src/localcloud/engine/iam/evaluate.ts';

const decide = (
  statements: object[],
  [action, resource = '*', context = {}]: [string, string?, Record<string, string | string[]>?],
) => {
  const lower = Object.fromEntries(Object.entries(context).map(([key, value]) => [key.toLowerCase(), value]));
  const document = JSON.stringify({ Version: '2012-10-17', Statement: statements });
  return evaluate(readPolicy(document), { action, resource, context: lower });
};

const allow = (more: object) => ({ Effect: 'Allow', Action: '*', Resource: '*', ...more });
const deny = (more: object) => ({ ...allow(more), Effect: 'Deny' });

describe('a request', () => {
  it('needs an allow, and no deny', () => {
    expect(decide([allow({ Action: 'ec2:Run*' })], ['ec2:RunInstances'])).toBe('allowed');
    expect(decide([allow({ Action: 'EC2:runinstances' })], ['ec2:RunInstances'])).toBe('allowed');
    expect(decide([allow({ Action: ['ec2:Run?', 'sqs:*'] })], ['ec2:RunInstances'])).toBe(
      'implicitly denied',
    );
    expect(decide([allow({}), deny({ Action: 'ec2:Run*' })], ['ec2:RunInstances'])).toBe('explicitly denied');
  });

  it('is outside of what NotAction and NotResource name', () => {
    const { Action: _, ...rest } = allow({});
    expect(decide([{ ...rest, NotAction: 'iam:*' }], ['ec2:RunInstances'])).toBe('allowed');
    expect(decide([{ ...rest, NotAction: 'iam:*' }], ['iam:PassRole'])).toBe('implicitly denied');
    const { Resource: __, ...other } = allow({});
    expect(decide([{ ...other, NotResource: 'arn:a/*' }], ['s3:GetObject', 'arn:a/b'])).toBe(
      'implicitly denied',
    );
    expect(decide([{ ...other, NotResource: 'arn:a/*' }], ['s3:GetObject', 'arn:b/b'])).toBe('allowed');
  });

  it('is matched with the values of variables, and not at all without them', () => {
    const home = [allow({ Resource: 'arn:aws:s3:::home/${aws:username}/*' })];
    const name = { 'aws:username': 'a.b' };
    expect(decide(home, ['s3:GetObject', 'arn:aws:s3:::home/a.b/x', name])).toBe('allowed');
    expect(decide(home, ['s3:GetObject', 'arn:aws:s3:::home/aXb/x', name])).toBe('implicitly denied');
    expect(decide(home, ['s3:GetObject', 'arn:aws:s3:::home/a.b/x'])).toBe('implicitly denied');
    const star = [allow({ Resource: 'arn:x:${*}' })];
    expect(decide(star, ['a:B', 'arn:x:*'])).toBe('allowed');
    expect(decide(star, ['a:B', 'arn:x:y'])).toBe('implicitly denied');
    expect(decide([allow({ Resource: "arn:${aws:PrincipalTag/t, 'none'}" })], ['a:B', 'arn:none'])).toBe(
      'allowed',
    );
  });
});

describe('a condition', () => {
  /** Operator, key, values of the policy; context; whether it is met. */
  const CASES: [string, string, unknown, Record<string, string | string[]>, boolean][] = [
    ['StringEquals', 'k', ['a', 'b'], { k: 'b' }, true],
    ['StringEquals', 'K', 'a', { k: 'a' }, true],
    ['StringEquals', 'k', 'a*', { k: 'ab' }, false],
    ['StringEquals', 'k', 'a', {}, false],
    ['StringEqualsIfExists', 'k', 'a', {}, true],
    ['StringNotEquals', 'k', ['a', 'b'], { k: 'c' }, true],
    ['StringNotEquals', 'k', ['a', 'b'], { k: 'b' }, false],
    ['StringNotEquals', 'k', 'a', {}, true],
    ['StringEqualsIgnoreCase', 'k', 'A', { k: 'a' }, true],
    ['StringLike', 'k', 'a*c?', { k: 'abbcd' }, true],
    ['StringLike', 'k', 'a.c', { k: 'abc' }, false],
    ['StringNotLike', 'k', 'a*', { k: 'b' }, true],
    ['ArnLike', 'k', 'arn:aws:ec2:*:*:launch-template/*', { k: 'arn:aws:ec2:eu:1:launch-template/lt' }, true],
    ['ArnLike', 'k', 'arn:aws:*:launch-template/*', { k: 'arn:aws:ec2:eu:1:launch-template/lt' }, false],
    ['ArnNotEquals', 'k', 'arn:aws:sqs:eu:1:q', { k: 'arn:aws:sqs:eu:1:q' }, false],
    ['Bool', 'k', 'true', { k: 'True' }, true],
    ['Bool', 'k', true, { k: 'false' }, false],
    ['Null', 'k', 'true', {}, true],
    ['Null', 'k', 'false', {}, false],
    ['Null', 'k', false, { k: 'x' }, true],
    ['NumericLessThanEquals', 'k', 10, { k: '10' }, true],
    ['NumericGreaterThan', 'k', '10', { k: '9' }, false],
    ['NumericEquals', 'k', '10', { k: 'ten' }, false],
    ['NumericNotEquals', 'k', '10', { k: '11' }, true],
    ['IpAddress', 'k', '10.0.0.0/8', { k: '10.1.2.3' }, true],
    ['IpAddress', 'k', '10.0.0.1', { k: '10.0.0.2' }, false],
    ['NotIpAddress', 'k', ['10.0.0.0/8', '192.168.0.0/16'], { k: '192.168.1.1' }, false],
    ['IpAddress', 'k', '2001:db8::/32', { k: '2001:db8::1' }, true],
    ['IpAddress', 'k', 'nonsense/99', { k: '10.0.0.1' }, false],
    ['DateGreaterThan', 'k', '2026-01-01T00:00:00Z', { k: '2026-02-01T00:00:00Z' }, true],
    ['DateLessThan', 'k', '1767225600', { k: '2025-12-31T23:59:59Z' }, true],
    ['ForAllValues:StringEquals', 'k', ['a', 'b'], { k: ['a', 'b'] }, true],
    ['ForAllValues:StringEquals', 'k', ['a', 'b'], { k: ['a', 'c'] }, false],
    ['ForAllValues:StringEquals', 'k', ['a'], {}, true],
    ['ForAnyValue:StringEquals', 'k', ['a', 'b'], { k: ['x', 'b'] }, true],
    ['ForAnyValue:StringEquals', 'k', ['a'], {}, false],
    ['ForAnyValue:StringNotEquals', 'k', ['a'], { k: ['a', 'b'] }, true],
    ['ForAllValues:StringNotLike', 'k', ['a*'], { k: ['b', 'ab'] }, false],
    ['StringEquals', 'k', '${aws:username}', { k: 'me', 'aws:username': 'me' }, true],
    ['Nonsense', 'k', 'a', { k: 'a' }, false],
    ['constructor', 'k', 'a', { k: 'a' }, false],
  ];

  it.each(CASES)('%s of %s with %j, asked with %j: %s', (operator, key, values, context, met) => {
    const decision = decide([allow({ Condition: { [operator]: { [key]: values } } })], ['a:B', '*', context]);
    expect(decision === 'allowed').toBe(met);
  });

  it('is one of several that must all be met', () => {
    const Condition = { StringEquals: { a: '1', b: '2' }, Bool: { c: 'true' } };
    expect(decide([allow({ Condition })], ['a:B', '*', { a: '1', b: '2', c: 'true' }])).toBe('allowed');
    expect(decide([allow({ Condition })], ['a:B', '*', { a: '1', b: '2' }])).toBe('implicitly denied');
    expect(decide([allow({ Condition })], ['a:B', '*', { a: '1', b: 'x', c: 'true' }])).toBe(
      'implicitly denied',
    );
  });
});

describe('a document', () => {
  it.each([
    'x',
    '[]',
    '{}',
    '{"Statement":[{"Effect":"Maybe","Action":"*","Resource":"*"}]}',
    '{"Statement":{"Effect":"Allow","Resource":"*"}}',
    '{"Statement":{"Effect":"Allow","Action":"*"}}',
    '{"Statement":{"Effect":"Allow","Action":"RunInstances","Resource":"*"}}',
    '{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Principal":"*"}}',
    '{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Acton":"*"}}',
    '{"Version":"2020","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}',
  ])('is refused when it is %s', (document) => {
    expect(() => readPolicy(document)).toThrow(expect.objectContaining({ code: 'MalformedPolicyDocument' }));
  });
});
