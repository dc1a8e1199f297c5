import { createHash, randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { CreateBucketCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sandboxSupport } from '../../src/localcloud/sandbox/support.ts';
import { noJournal } from '../../src/run/journal.ts';
import { Run } from '../../src/run/run.ts';
import { collectGarbage } from '../../src/upkeep/gc.ts';
import { type BuildWorld, startBuildWorld } from '../helpers/build-world.ts';

const support = await sandboxSupport(tmpdir());
const suite = support.ok ? 'a staging bucket' : `a staging bucket (skipped: ${support.sentence})`;
const Bucket = 'staging';
const STALE = 'bake/demo/20200101-000000-abcdef/1';

describe.skipIf(!support.ok).sequential(suite, () => {
  let world: BuildWorld;
  let s3: S3Client;
  const image = {
    builder: { stagingBucket: Bucket },
    layers: [{ name: 'application', provisioners: [{ upload: 'large', to: '/opt/large' }] }],
  };

  beforeAll(async () => {
    world = await startBuildWorld('staging');
    s3 = new S3Client({ ...world.local.client, forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket }));
  });
  afterAll(async () => {
    s3?.destroy();
    await world?.close();
  });

  const keys = async () =>
    ((await s3.send(new ListObjectsV2Command({ Bucket }))).Contents ?? []).map(({ Key }) => Key);

  it('carries an upload that is too much for commands, byte by byte, and is empty again after it', async () => {
    const large = randomBytes(25 * 1024 * 1024);
    world.write('large', large);
    const built = await world.build(image);
    expect(built.error).toBeUndefined();
    expect(await keys()).toEqual([]);
    const digest = createHash('sha256').update(large).digest('hex');
    expect(await world.inside(built.result!.imageId, 'sha256sum /opt/large')).toContain(digest);
  });

  it('is cleared by gc of what crashed runs left there, and of nothing else', async () => {
    const others = ['bake/other/20200101-000000-abcdef/1', 'mine'];
    for (const Key of [STALE, ...others]) await s3.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }));
    const signal = new AbortController().signal;
    const run = new Run({ id: 'gc', journal: noJournal, sink() {}, signal });
    const { removed } = await collectGarbage(run, world.cloud, world.project(image), {});
    expect(removed.map(({ kind, id }) => `${kind} ${id}`)).toContain(`staged file ${STALE}`);
    expect((await keys()).sort()).toEqual(others.sort());
  });
});
