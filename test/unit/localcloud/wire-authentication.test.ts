import { CloudWatchLogsClient, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DescribeRegionsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DescribeParametersCommand, SSMClient } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startCloud, type TestCloud } from '../../helpers/cloud.ts';
import { encodeRfc3986, plainRequest, signedRequest } from '../../helpers/signed-request.ts';

describe('authentication', () => {
  let cloud: TestCloud;

  beforeEach(async () => {
    cloud = await startCloud();
  });
  afterEach(() => cloud.close());

  const calls = {
    sqs: (config: TestCloud['client']) => new SQSClient(config).send(new ListQueuesCommand({})),
    logs: (config: TestCloud['client']) =>
      new CloudWatchLogsClient(config).send(new DescribeLogGroupsCommand({})),
    ssm: (config: TestCloud['client']) => new SSMClient(config).send(new DescribeParametersCommand({})),
    sts: (config: TestCloud['client']) => new STSClient(config).send(new GetCallerIdentityCommand({})),
    ec2: (config: TestCloud['client']) => new EC2Client(config).send(new DescribeRegionsCommand({})),
  };

  it.each([
    ['sqs', 'SignatureDoesNotMatch', 'InvalidClientTokenId'],
    ['logs', 'InvalidSignatureException', 'UnrecognizedClientException'],
    ['ssm', 'InvalidSignatureException', 'UnrecognizedClientException'],
    ['sts', 'SignatureDoesNotMatch', 'InvalidClientTokenId'],
    ['ec2', 'SignatureDoesNotMatch', 'AuthFailure'],
  ] as const)('%s: a wrong secret is %s, an unknown key %s', async (service, wrongSecret, unknownKey) => {
    const { credentials } = cloud;
    await calls[service](cloud.client);
    const wrong = { ...cloud.client, credentials: { ...credentials, secretAccessKey: 'wrong' } };
    expect(await codeOf(calls[service](wrong))).toBe(wrongSecret);
    const unknown = { ...cloud.client, credentials: { ...credentials, accessKeyId: 'AKIANOBODY' } };
    expect(await codeOf(calls[service](unknown))).toBe(unknownKey);
  });

  const codeOf = (answer: Promise<unknown>) =>
    answer.then(
      () => 'accepted',
      (error: { Code?: string; name: string }) => error.Code ?? error.name,
    );

  it('odd characters in path and query arrive as they were signed', async () => {
    const odd = encodeRfc3986(`a b+c&d=e?f/é*~!'()`);
    await signedRequest(cloud, {
      service: 'sqs',
      method: 'GET',
      path: '/any%20path%2Fat/all~!',
      query: 'Action=CreateQueue&QueueName=odd&Version=2012-11-05',
    }).then(({ status }) => expect(status).toBe(200));
    const sent = await signedRequest(cloud, {
      service: 'sqs',
      method: 'GET',
      path: '/000000000000/odd',
      query: `Action=SendMessage&MessageBody=${odd}`,
    });
    expect(sent.status).toBe(200);
    const received = await signedRequest(cloud, {
      service: 'sqs',
      path: '/000000000000/odd',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'Action=ReceiveMessage',
    });
    expect(received.body).toContain(`<Body>a b+c&#38;d=e?f/é*~!&#39;()</Body>`);
  });

  it('a request signed ten minutes ago is refused', async () => {
    const answer = await signedRequest(cloud, {
      service: 'sts',
      body: 'Action=GetCallerIdentity',
      date: new Date(Date.now() - 600_000),
    });
    expect([answer.status, answer.body]).toEqual([403, expect.stringContaining('RequestExpired')]);
  });

  it('a header put in after signing that says what to do is refused', async () => {
    const answer = await signedRequest(cloud, {
      service: 'ssm',
      body: '{}',
      unsigned: { 'x-amz-target': 'AmazonSSM.DescribeParameters' },
    });
    expect(answer.status).toBe(403);
    expect(JSON.parse(answer.body).__type).toBe('InvalidSignatureException');
  });

  it("signed headers that have names of JavaScript's own are only headers", async () => {
    const answer = await signedRequest(cloud, {
      service: 'sts',
      headers: { constructor: 'x', 'set-cookie': 'a=b', __proto: 'y' },
      body: 'Action=GetCallerIdentity',
    });
    expect(answer.status).toBe(200);
  });

  it('no signature at all is refused in the form of the protocol', async () => {
    const json = await plainRequest(cloud, { headers: { 'x-amz-target': 'AmazonSSM.SendCommand' } });
    expect(JSON.parse(json.body).__type).toBe('MissingAuthenticationTokenException');
    const form = await plainRequest(cloud, { body: 'Action=GetCallerIdentity' });
    expect(form.body).toContain('<Code>MissingAuthenticationToken</Code>');
  });
});
