import {
  AutoScalingClient,
  CreateAutoScalingGroupCommand,
  PutLifecycleHookCommand,
} from '@aws-sdk/client-auto-scaling';
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  FilterLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import {
  CreateLaunchTemplateCommand,
  CreateTagsCommand,
  DescribeInstancesCommand,
  DescribeSubnetsCommand,
  EC2Client,
  RunInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { ReceiveMessageCommand, SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { baseImageId } from '../../../src/localcloud/engine/ec2/images.ts';
import { startCloud, type TestCloud } from '../../helpers/cloud.ts';
import { askOwnPath } from '../../helpers/own-paths.ts';
import { signedRequest } from '../../helpers/signed-request.ts';

let cloud: TestCloud;
beforeEach(async () => {
  cloud = await startCloud();
});
afterEach(() => cloud.close());

const allow = (Action: string | string[], Resource: string | string[] = '*', Condition = {}) => ({
  ...{ Effect: 'Allow', Action, Resource, Condition },
});

/** A user who may do what the statements say, with policies enforced. What any client takes. */
async function userWith(...Statement: object[]) {
  const policies = { all: { Version: '2012-10-17', Statement } };
  const body = { enforce: true, principals: { ann: { policies } } };
  const answer = (await askOwnPath(cloud, 'policies', { body })) as {
    principals: { ann: { accessKeyId: string; secretAccessKey: string } };
  };
  return { ...cloud.client, credentials: answer.principals.ann };
}

const launch = (more = {}) =>
  new RunInstancesCommand({
    ImageId: baseImageId(cloud.engine),
    InstanceType: 't3.micro',
    MinCount: 1,
    MaxCount: 1,
    ...more,
  });
const tagged = (Key: string, Value: string, ...types: ('instance' | 'volume')[]) => ({
  TagSpecifications: types.map((ResourceType) => ({ ResourceType, Tags: [{ Key, Value }] })),
});

describe('with policies enforced', () => {
  it('the account itself may do everything, a user nothing but say who they are', async () => {
    const client = await userWith(allow('sqs:SendMessage'));
    await new EC2Client(cloud.client).send(new DescribeInstancesCommand({}));
    const { Arn } = await new STSClient(client).send(new GetCallerIdentityCommand({}));
    expect(Arn).toBe('arn:aws:iam::000000000000:user/ann');
    await expect(new EC2Client(client).send(new DescribeInstancesCommand({}))).rejects.toMatchObject({
      name: 'UnauthorizedOperation',
      message:
        'You are not authorized to perform this operation. User: arn:aws:iam::000000000000:user/ann is not authorized to perform: ec2:DescribeInstances on resource: * because no identity-based policy allows the ec2:DescribeInstances action',
      $metadata: { httpStatusCode: 403 },
    });
    await expect(new SSMClient(client).send(new GetParameterCommand({ Name: '/x' }))).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining('arn:aws:ssm:eu-central-1:000000000000:parameter/x'),
    });
    await expect(
      new AutoScalingClient(client).send(
        new CreateAutoScalingGroupCommand({ AutoScalingGroupName: 'g', MinSize: 0, MaxSize: 0 }),
      ),
    ).rejects.toMatchObject({ name: 'AccessDenied' });
    const receive = new ReceiveMessageCommand({ QueueUrl: `${cloud.endpoint}/000000000000/q` });
    await expect(new SQSClient(client).send(receive)).rejects.toMatchObject({
      message: expect.stringContaining(
        'sqs:ReceiveMessage on resource: arn:aws:sqs:eu-central-1:000000000000:q',
      ),
    });
  });

  it('a launch needs its tags in the launching call, and the right to hand over the role', async () => {
    const ec2 = new EC2Client(
      await userWith(
        allow('ec2:RunInstances', ['arn:aws:ec2:*:*:instance/*', 'arn:aws:ec2:*:*:volume/*'], {
          StringLike: { 'aws:RequestTag/run': '*' },
        }),
        allow('ec2:RunInstances', [
          'arn:aws:ec2:*::image/*',
          'arn:aws:ec2:*:*:subnet/*',
          'arn:aws:ec2:*:*:security-group/*',
          'arn:aws:ec2:*:*:network-interface/*',
        ]),
        allow('ec2:CreateTags', '*', { StringEquals: { 'ec2:CreateAction': 'RunInstances' } }),
        allow('ec2:TerminateInstances', '*', { StringEquals: { 'ec2:ResourceTag/run': '1' } }),
        allow('iam:PassRole', '*/worker', { StringEquals: { 'iam:PassedToService': 'ec2.amazonaws.com' } }),
      ),
    );
    await expect(ec2.send(launch())).rejects.toMatchObject({
      message: expect.stringContaining('arn:aws:ec2:eu-central-1:000000000000:instance/*'),
    });
    await expect(ec2.send(launch(tagged('run', '1', 'instance')))).rejects.toMatchObject({
      message: expect.stringContaining(':volume/*'),
    });
    const both = tagged('run', '1', 'instance', 'volume');
    const { Instances } = await ec2.send(launch({ ...both, IamInstanceProfile: { Name: 'worker' } }));
    await expect(ec2.send(launch({ ...both, IamInstanceProfile: { Name: 'admin' } }))).rejects.toMatchObject({
      message: expect.stringContaining('iam:PassRole on resource: arn:aws:iam::000000000000:role/admin'),
    });
    const ids = Instances!.map(({ InstanceId }) => InstanceId!);
    await expect(
      ec2.send(new CreateTagsCommand({ Resources: ids, Tags: [{ Key: 'a', Value: 'b' }] })),
    ).rejects.toMatchObject({ name: 'UnauthorizedOperation' });
    await ec2.send(new TerminateInstancesCommand({ InstanceIds: ids }));
    const { Instances: other } = await new EC2Client(cloud.client).send(launch());
    await expect(
      ec2.send(new TerminateInstancesCommand({ InstanceIds: [other![0]!.InstanceId!] })),
    ).rejects.toMatchObject({ name: 'UnauthorizedOperation' });
  });

  it('a group needs the right to launch from its template', async () => {
    await new EC2Client(cloud.client).send(
      new CreateLaunchTemplateCommand({
        LaunchTemplateName: 'web',
        LaunchTemplateData: { ImageId: baseImageId(cloud.engine), IamInstanceProfile: { Name: 'worker' } },
      }),
    );
    const { Subnets } = await new EC2Client(cloud.client).send(new DescribeSubnetsCommand({}));
    const create = (client: typeof cloud.client) =>
      new AutoScalingClient(client).send(
        new CreateAutoScalingGroupCommand({
          ...{ AutoScalingGroupName: 'web', MinSize: 0, MaxSize: 1 },
          LaunchTemplate: { LaunchTemplateName: 'web', Version: '1' },
          VPCZoneIdentifier: Subnets![0]!.SubnetId,
        }),
      );
    const byTemplate = allow('ec2:RunInstances', '*', {
      ArnLike: { 'ec2:LaunchTemplate': 'arn:aws:ec2:*:*:launch-template/*' },
    });
    const group = allow(
      'autoscaling:*',
      'arn:aws:autoscaling:*:*:autoScalingGroup:*:autoScalingGroupName/web',
    );
    await expect(create(await userWith(group))).rejects.toThrow('ec2:RunInstances');
    await expect(create(await userWith(group, byTemplate))).rejects.toThrow('iam:PassRole');
    await create(await userWith(group, byTemplate, allow('iam:PassRole')));
  });

  it('a lifecycle hook needs the right to hand over the role by which it notifies', async () => {
    const hook = (client: typeof cloud.client) =>
      new AutoScalingClient(client).send(
        new PutLifecycleHookCommand({
          ...{ AutoScalingGroupName: 'web', LifecycleHookName: 'drain' },
          LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING',
          RoleARN: 'arn:aws:iam::000000000000:role/notices',
        }),
      );
    const put = allow('autoscaling:PutLifecycleHook');
    const to = (service: string) =>
      allow('iam:PassRole', '*/notices', { StringEquals: { 'iam:PassedToService': service } });
    await expect(hook(await userWith(put, to('ec2.amazonaws.com')))).rejects.toThrow('iam:PassRole');
    // Allowed: then the service looks for the group.
    const both = await userWith(put, to('autoscaling.amazonaws.com'));
    await expect(hook(both)).rejects.toThrow('AutoScalingGroup name not found');
  });

  it('objects, log streams and queues are told apart by their names', async () => {
    await new S3Client(cloud.client).send(new CreateBucketCommand({ Bucket: 'files' }));
    const client = await userWith(
      allow('s3:PutObject', 'arn:aws:s3:::files/own/*'),
      allow('s3:ListBucket', 'arn:aws:s3:::files', { StringLike: { 's3:prefix': 'own/*' } }),
      allow('logs:*', 'arn:aws:logs:*:*:log-group:/app:*'),
      allow('sqs:SendMessage', 'arn:aws:sqs:*:*:jobs'),
    );
    const s3 = new S3Client(client);
    await s3.send(new PutObjectCommand({ Bucket: 'files', Key: 'own/a', Body: 'x' }));
    await s3.send(new ListObjectsV2Command({ Bucket: 'files', Prefix: 'own/' }));
    await expect(s3.send(new ListObjectsV2Command({ Bucket: 'files' }))).rejects.toMatchObject({
      name: 'AccessDenied',
    });
    await expect(s3.send(new PutObjectCommand({ Bucket: 'files', Key: 'b', Body: 'x' }))).rejects.toThrow(
      'arn:aws:s3:::files/b',
    );
    await expect(s3.send(new GetObjectCommand({ Bucket: 'files', Key: 'own/a' }))).rejects.toThrow(
      's3:GetObject',
    );
    const logs = new CloudWatchLogsClient(client);
    await logs.send(new CreateLogGroupCommand({ logGroupName: '/app' }));
    await logs.send(new FilterLogEventsCommand({ logGroupName: '/app' }));
    await expect(logs.send(new CreateLogGroupCommand({ logGroupName: '/other' }))).rejects.toThrow('/other');
    const send = (queue: string) =>
      new SQSClient(client).send(
        new SendMessageBatchCommand({
          QueueUrl: `${cloud.endpoint}/000000000000/${queue}`,
          Entries: [{ Id: '1', MessageBody: 'x' }],
        }),
      );
    await expect(send('jobs')).rejects.toMatchObject({ name: 'QueueDoesNotExist' });
    await expect(send('other')).rejects.toThrow('not authorized to perform: sqs:SendMessage');
  });

  it('an assumed role may do what its role may', async () => {
    await askOwnPath(cloud, 'policies', {
      body: {
        principals: { reader: { kind: 'role', policies: { p: { Statement: allow('ec2:Describe*') } } } },
      },
    });
    const client = await userWith(allow('sts:AssumeRole', 'arn:aws:iam::*:role/reader'));
    const { Credentials } = await new STSClient(client).send(
      new AssumeRoleCommand({ RoleArn: 'arn:aws:iam::000000000000:role/reader', RoleSessionName: 'me' }),
    );
    const { AccessKeyId, SecretAccessKey, SessionToken } = Credentials!;
    const credentials = {
      accessKeyId: AccessKeyId!,
      secretAccessKey: SecretAccessKey!,
      sessionToken: SessionToken,
    };
    const ec2 = new EC2Client({ ...cloud.client, credentials });
    await ec2.send(new DescribeInstancesCommand({}));
    await expect(ec2.send(launch())).rejects.toThrow(
      'User: arn:aws:sts::000000000000:assumed-role/reader/me',
    );
  });

  it('what was granted and never used can be asked for', async () => {
    const client = await userWith(allow(['ec2:Describe*', 'sqs:SendMessage']));
    await new EC2Client(client).send(new DescribeInstancesCommand({}));
    await expect(new EC2Client(client).send(launch())).rejects.toThrow();
    expect(await askOwnPath(cloud, 'policies')).toMatchObject({
      enforced: true,
      decisions: [
        { principal: 'user/ann', action: 'ec2:DescribeInstances', decision: 'allowed', count: 1 },
        { action: 'ec2:RunInstances', decision: 'implicitly denied' },
      ],
      principals: {
        'user/ann': { granted: ['ec2:Describe*', 'sqs:SendMessage'], unused: ['sqs:SendMessage'] },
      },
    });
    await askOwnPath(cloud, 'policies', { method: 'DELETE' });
    expect(await askOwnPath(cloud, 'policies')).toMatchObject({ decisions: [] });
    await askOwnPath(cloud, 'policies', { body: { enforce: false } });
    await new EC2Client(client).send(launch());
  });

  it('a policy that makes no sense is refused in words', async () => {
    await expect(userWith({ Effect: 'Allow' })).rejects.toThrow('Policy statement must contain actions.');
    await expect(askOwnPath(cloud, 'policies', { body: { enforced: true } })).rejects.toThrow('enforced');
  });
});

describe('the IAM service', () => {
  const iam = async (Action: string, parameters: Record<string, string> = {}) => {
    const body = new URLSearchParams({ Action, Version: '2010-05-08', ...parameters }).toString();
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    return signedRequest(cloud, { service: 'iam', body, headers });
  };
  const document = JSON.stringify({ Statement: allow('ec2:*') });

  it('keeps users with keys and policies', async () => {
    expect((await iam('CreateUser', { UserName: 'bob' })).body).toContain(
      '<Arn>arn:aws:iam::000000000000:user/bob</Arn>',
    );
    const { body } = await iam('CreateAccessKey', { UserName: 'bob' });
    const [, accessKeyId = ''] = /<AccessKeyId>(\w+)</.exec(body) ?? [];
    const [, secretAccessKey = ''] = /<SecretAccessKey>(\w+)</.exec(body) ?? [];
    await askOwnPath(cloud, 'policies', { body: { enforce: true } });
    const ec2 = new EC2Client({ ...cloud.client, credentials: { accessKeyId, secretAccessKey } });
    await expect(ec2.send(new DescribeInstancesCommand({}))).rejects.toThrow('not authorized');
    const named = { UserName: 'bob', PolicyName: 'p' };
    await iam('PutUserPolicy', { ...named, PolicyDocument: document });
    await ec2.send(new DescribeInstancesCommand({}));
    expect((await iam('GetUserPolicy', named)).body).toContain(
      encodeURIComponent(document).replaceAll("'", '&#39;'),
    );
    expect((await iam('DeleteUser', { UserName: 'bob' })).body).toContain('DeleteConflict');
    await iam('DeleteUserPolicy', named);
    await iam('DeleteAccessKey', { UserName: 'bob', AccessKeyId: accessKeyId });
    expect((await iam('DeleteUser', { UserName: 'bob' })).status).toBe(200);
    await expect(ec2.send(new DescribeInstancesCommand({}))).rejects.toMatchObject({ name: 'AuthFailure' });
  });

  it('keeps roles in instance profiles, and policies to attach to them', async () => {
    const trust = JSON.stringify({ Statement: [] });
    await iam('CreateRole', { RoleName: 'worker', AssumeRolePolicyDocument: trust });
    await iam('CreateInstanceProfile', { InstanceProfileName: 'workers' });
    await iam('AddRoleToInstanceProfile', { InstanceProfileName: 'workers', RoleName: 'worker' });
    expect((await iam('GetInstanceProfile', { InstanceProfileName: 'workers' })).body).toContain(
      '<RoleName>worker</RoleName>',
    );
    const created = await iam('CreatePolicy', { PolicyName: 'read', PolicyDocument: document });
    const [, PolicyArn = ''] = /<Arn>([^<]+)</.exec(created.body) ?? [];
    await iam('AttachRolePolicy', { RoleName: 'worker', PolicyArn });
    expect((await iam('ListAttachedRolePolicies', { RoleName: 'worker' })).body).toContain(PolicyArn);
    expect((await iam('DeletePolicy', { PolicyArn })).body).toContain('DeleteConflict');
    expect((await iam('GetRole', { RoleName: 'nobody' })).body).toContain('<Code>NoSuchEntity</Code>');
    expect((await iam('CreateRole', { RoleName: 'worker', AssumeRolePolicyDocument: trust })).status).toBe(
      409,
    );
  });
});
