import fc from 'fast-check';
import { XMLParser } from 'fast-xml-parser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { installServices } from '../../../src/localcloud/services.ts';
import type { Service } from '../../../src/localcloud/wire/service.ts';
import { startCloud, type TestCloud } from '../../helpers/cloud.ts';
import { plainRequest, type RawAnswer, signedRequest } from '../../helpers/signed-request.ts';

describe('what is not a request', () => {
  let cloud: TestCloud;
  const services = new Map<string, Service>();

  beforeAll(async () => {
    cloud = await startCloud({
      services(engine) {
        const all = installServices(engine);
        for (const service of all) services.set(service.signingName, service);
        return all;
      },
    });
  });
  afterAll(() => cloud.close());

  const sendJson = (service: string, operation: string, body: string) => {
    const { targetPrefix, version } = services.get(service)!.json!;
    return signedRequest(cloud, {
      service,
      headers: {
        'content-type': `application/x-amz-json-${version}`,
        'x-amz-target': `${targetPrefix}.${operation}`,
      },
      body,
    });
  };
  const sendForm = (service: string, body: string) =>
    signedRequest(cloud, {
      service,
      headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
      body,
    });
  const xml = (answer: RawAnswer) => new XMLParser({ parseTagValue: false }).parse(answer.body, true);

  it.each([
    ['ssm', 'UnknownOperationException'],
    ['logs', 'UnknownOperationException'],
    ['sqs', 'com.amazon.coral.service#UnknownOperationException'],
  ])('%s: an operation that is not there is an error of AWS JSON', async (service, type) => {
    for (const operation of ['NoSuchThing', '', 'constructor', '__proto__']) {
      const answer = await sendJson(service, operation, '{}');
      expect([answer.status, JSON.parse(answer.body).__type]).toEqual([400, type]);
    }
  });

  it.each(['sts', 'sqs', 'autoscaling', 'ec2'])(
    '%s: an operation that is not there is an error of the query protocol',
    async (service) => {
      for (const operation of ['NoSuchThing', '', 'constructor', '<x>&']) {
        const answer = await sendForm(service, `Action=${encodeURIComponent(operation)}`);
        expect(answer.status).toBe(400);
        const { Response, ErrorResponse } = xml(answer);
        expect((Response?.Errors ?? ErrorResponse).Error.Code).toBe('InvalidAction');
      }
    },
  );

  it('a service that is not there is refused', async () => {
    const answer = await sendForm('dynamodb', 'Action=ListTables');
    expect([answer.status, answer.body]).toEqual([400, expect.stringContaining('no service dynamodb')]);
  });

  it.each(['', ' ', 'x', '[]', 'null', '"x"', '{"a":', '{"a":1}x'])(
    'body %j of AWS JSON is understood as empty or refused as malformed',
    async (body) => {
      const answer = await sendJson('ssm', 'DescribeParameters', body);
      const expected = body === '' ? undefined : 'SerializationException';
      expect(JSON.parse(answer.body).__type).toBe(expected);
    },
  );

  it('a deeply nested body is refused, not fatal', async () => {
    const deep = `{"Names":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    expect((await sendJson('ssm', 'GetParameters', deep)).status).toBe(400);
    const name = `${'A.'.repeat(10_000)}B`;
    expect((await sendForm('sts', `Action=GetCallerIdentity&${name}=1`)).status).toBe(200);
  });

  it.each(['ssm', 'sts'])('%s: a body of 17 MB is refused in the form of the protocol', async (service) => {
    const body = 'x'.repeat(17 * 1_024 * 1_024);
    const answer =
      service === 'ssm' ? await sendJson(service, 'PutParameter', body) : await sendForm(service, body);
    expect([answer.status, answer.body]).toEqual([413, expect.stringContaining('RequestEntityTooLarge')]);
  });

  it('a request to nobody gets an answer', async () => {
    for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS'])
      expect((await plainRequest(cloud, { method, target: '/%zz?a=b?c=%' })).status).toBe(403);
    expect((await plainRequest(cloud, { method: 'GET', target: '/_bake/health' })).body).toBe('{"ok":true}');
  });

  /** Names that mean something to some operation, so that the arbitrary values get far. No long polls. */
  const names = fc.constantFrom(
    ...['QueueUrl', 'QueueName', 'Attributes', 'AttributeNames', 'Entries', 'MessageBody', 'Tags', 'Name'],
    ...['Names', 'Path', 'Filters', 'logGroupName', 'logStreamName', 'logEvents', 'filterPattern', 'limit'],
    ...['InstanceIds', 'Targets', 'Parameters', 'DocumentName', 'NextToken', 'nextToken', 'MaxResults'],
    ...['Attribute', 'MessageAttribute', 'Tag', 'Filter', 'SendMessageBatchRequestEntry', 'ReceiptHandle'],
  );
  const url = fc.constantFrom(
    'http://x/000000000000/q',
    'arn:aws:sqs:eu-central-1:000000000000:q',
    '{"a":1}',
  );

  it.each(['ssm', 'logs', 'sqs', 'monitoring'])(
    '%s: whatever is in a JSON body, the answer is one of the protocol',
    async (service) => {
      const operations = Object.keys(services.get(service)!.json!.operations);
      const leaf = fc.oneof(fc.string({ maxLength: 8 }), url, fc.integer(), fc.boolean(), fc.constant(null));
      const { value } = fc.letrec<{ value: unknown }>((tie) => ({
        value: fc.oneof(
          { maxDepth: 3, withCrossShrink: true },
          leaf,
          fc.array(tie('value'), { maxLength: 3 }),
          fc.dictionary(fc.oneof(names, fc.constantFrom('Id', 'Key', 'Values', 'timestamp')), tie('value'), {
            maxKeys: 4,
          }),
        ),
      }));
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom(...operations),
          fc.dictionary(names, value, { maxKeys: 6 }),
          async (operation, body) => {
            const answer = await sendJson(service, operation, JSON.stringify(body));
            const parsed = JSON.parse(answer.body);
            if (answer.status === 200) return;
            expect([answer.status < 500, parsed.__type]).toEqual([true, expect.any(String)]);
          },
        ),
        { numRuns: 250 },
      );
    },
  );

  it.each(['sqs', 'sts', 'autoscaling', 'ec2', 'elasticloadbalancing', 'iam', 'monitoring'])(
    '%s: whatever is in a form, the answer is one of the protocol',
    async (service) => {
      const operations = Object.keys(services.get(service)!.form!.operations);
      const part = fc.oneof(names, fc.constantFrom('1', '2', 'member', 'entry', 'Name', 'Value', 'Key', ''));
      const key = fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('.'));
      const value = fc.oneof(fc.string({ maxLength: 8 }), url, fc.nat().map(String));
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom(...operations),
          fc.array(fc.tuple(key, value), { maxLength: 6 }),
          async (operation, pairs) => {
            const body = new URLSearchParams([['Action', operation], ...pairs]).toString();
            const answer = await sendForm(service, body);
            const parsed = xml(answer);
            if (answer.status === 200) return;
            const error = (parsed.Response?.Errors ?? parsed.ErrorResponse).Error;
            expect([answer.status < 500, error.Code]).toEqual([true, expect.any(String)]);
          },
        ),
        { numRuns: 250 },
      );
    },
  );
});
