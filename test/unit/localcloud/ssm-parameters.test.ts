import {
  DeleteParameterCommand,
  DeleteParametersCommand,
  DescribeParametersCommand,
  GetParameterCommand,
  GetParametersByPathCommand,
  GetParametersCommand,
  PutParameterCommand,
  type PutParameterCommandInput,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { baseImageId } from '../../../src/localcloud/engine/ec2/images.ts';
import { startCloud, type TestCloud } from '../../helpers/cloud.ts';

describe('Parameter Store', () => {
  let cloud: TestCloud;
  let ssm: SSMClient;

  beforeEach(async () => {
    cloud = await startCloud();
    ssm = new SSMClient(cloud.client);
  });
  afterEach(async () => {
    ssm.destroy();
    await cloud.close();
  });

  const put = (Name: string, Value: string, more: Partial<PutParameterCommandInput> = {}) =>
    ssm.send(new PutParameterCommand({ Name, Value, Type: 'String', ...more }));
  const get = async (Name: string, WithDecryption?: boolean) =>
    (await ssm.send(new GetParameterCommand({ Name, WithDecryption }))).Parameter;

  it('a parameter is written once, and overwritten only when told', async () => {
    expect(await put('/app/url', 'a')).toMatchObject({ Version: 1, Tier: 'Standard' });
    await expect(put('/app/url', 'b')).rejects.toMatchObject({ name: 'ParameterAlreadyExists' });
    expect((await put('/app/url', 'b', { Overwrite: true, Type: undefined })).Version).toBe(2);
    expect(await get('/app/url')).toMatchObject({
      Name: '/app/url',
      Type: 'String',
      Value: 'b',
      Version: 2,
      ARN: 'arn:aws:ssm:eu-central-1:000000000000:parameter/app/url',
      DataType: 'text',
    });
    expect((await get('arn:aws:ssm:eu-central-1:000000000000:parameter/app/url'))?.Value).toBe('b');
    expect((await get('/app/url:2'))?.Selector).toBe(':2');
    expect(await get('/app/url:1')).toMatchObject({ Value: 'a', Version: 1, Selector: ':1' });
    await expect(get('/app/url:3')).rejects.toMatchObject({ name: 'ParameterVersionNotFound' });
    await expect(get('/app/none')).rejects.toMatchObject({ name: 'ParameterNotFound' });
  });

  it('a secret is shown only to those who ask to decrypt it', async () => {
    await put('secret', 'hunter2', { Type: 'SecureString' });
    expect((await get('secret'))?.Value).not.toContain('hunter2');
    expect((await get('secret', true))?.Value).toBe('hunter2');
  });

  it('several are read at once, those not there named apart', async () => {
    await put('a', '1');
    const found = await ssm.send(new GetParametersCommand({ Names: ['a', 'b'] }));
    expect(found.Parameters?.map((parameter) => parameter.Value)).toEqual(['1']);
    expect(found.InvalidParameters).toEqual(['b']);
  });

  it('a path is listed one level deep, or all the way, in pages', async () => {
    for (const name of ['/app/a', '/app/b', '/app/sub/c', '/application/d']) await put(name, name);
    const list = async (more: object) => {
      const answer = await ssm.send(new GetParametersByPathCommand({ Path: '/app', ...more }));
      return [answer.Parameters?.map((parameter) => parameter.Name), answer.NextToken];
    };
    expect(await list({})).toEqual([['/app/a', '/app/b'], undefined]);
    const [first, token] = await list({ Recursive: true, MaxResults: 2 });
    expect(first).toEqual(['/app/a', '/app/b']);
    expect(await list({ Recursive: true, MaxResults: 2, NextToken: token })).toEqual([
      ['/app/sub/c'],
      undefined,
    ]);
    const described = await ssm.send(
      new DescribeParametersCommand({
        ParameterFilters: [{ Key: 'Name', Option: 'BeginsWith', Values: ['/app/'] }],
      }),
    );
    expect(described.Parameters).toHaveLength(3);
  });

  it('deleting one that is not there fails, deleting several says which', async () => {
    await put('a', '1');
    await put('b', '1');
    await ssm.send(new DeleteParameterCommand({ Name: 'a' }));
    await expect(ssm.send(new DeleteParameterCommand({ Name: 'a' }))).rejects.toMatchObject({
      name: 'ParameterNotFound',
    });
    const { DeletedParameters, InvalidParameters } = await ssm.send(
      new DeleteParametersCommand({ Names: ['a', 'b'] }),
    );
    expect([DeletedParameters, InvalidParameters]).toEqual([['b'], ['a']]);
  });

  it('the public parameters of Amazon Linux are the local base image', async () => {
    const Name = '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64';
    expect(await get(Name)).toMatchObject({
      Value: baseImageId(cloud.engine),
      DataType: 'aws:ec2:image',
      ARN: `arn:aws:ssm:eu-central-1::parameter${Name}`,
    });
    const { Parameters } = await ssm.send(
      new GetParametersByPathCommand({ Path: '/aws/service/ami-amazon-linux-latest' }),
    );
    expect(new Set(Parameters?.map((parameter) => parameter.Value))).toEqual(
      new Set([baseImageId(cloud.engine)]),
    );
    await expect(put(Name, 'ami-1', { Overwrite: true })).rejects.toMatchObject({
      name: 'ValidationException',
    });
    await expect(get('/aws/service/unknown')).rejects.toMatchObject({ name: 'ParameterNotFound' });
  });

  it.each([
    ['a b', 'x', {}, 'ValidationException'],
    ['big', 'x'.repeat(4_097), {}, 'ValidationException'],
    ['a', 'x', { Type: 'Number' as 'String' }, 'UnsupportedParameterType'],
    ['a', 'x', { AllowedPattern: '^\\d+$' }, 'ParameterPatternMismatchException'],
  ])('what cannot be written is refused (%#)', async (name, value, more, error) => {
    await expect(put(name, value, more)).rejects.toMatchObject({ name: error });
  });
});
