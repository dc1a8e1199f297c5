import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Cloud } from '../../src/clouds/cloud.ts';
import type { Project } from '../../src/config/schema.ts';
import { Steps } from '../../src/image/job.ts';
import { publishRelease } from '../../src/image/publish.ts';
import { findReleases } from '../../src/image/releases.ts';
import { type ImageRecord, images } from '../../src/localcloud/engine/ec2/images.ts';
import { snapshots } from '../../src/localcloud/engine/ec2/snapshots.ts';
import type { RunEvent } from '../../src/run/events.ts';
import { noJournal } from '../../src/run/journal.ts';
import { newRunId, Run } from '../../src/run/run.ts';
import { withScope } from '../../src/run/scope.ts';
import { TAG } from '../../src/run/tags.ts';
import { collectGarbage } from '../../src/upkeep/gc.ts';
import { type AdapterTest, startAdapter } from '../helpers/adapter.ts';
import { bakeImage } from '../helpers/leftovers.ts';
import { testProject } from '../helpers/project.ts';

const DAY = 86_400_000;
const HOME = 'eu-central-1';
const key = (region: string) => `arn:aws:kms:${region}:000000000000:key/of-${region}`;

describe('a release on its way to its users', () => {
  let adapter: AdapterTest;
  let cloud: Cloud;
  let project: Project;

  beforeEach(async () => {
    adapter = await startAdapter();
    cloud = adapter.cloud;
    project = projectWith({});
  });
  afterEach(() => adapter.close());

  const projectWith = (distribute: object): Project =>
    testProject({
      image: {
        base: { id: 'ami-base' },
        layers: [{ name: 'application', provisioners: [{ inline: 'true' }] }],
        builder: { rootVolume: { kmsKey: key(HOME) } },
        distribute: {
          regions: ['us-east-1', 'ap-northeast-1'],
          kmsKeys: { 'us-east-1': key('us-east-1'), 'ap-northeast-1': key('ap-northeast-1') },
          accounts: ['111122223333'],
          organizations: [
            'arn:aws:organizations::000000000000:organization/o-1',
            'arn:aws:organizations::000000000000:ou/o-1/ou-2',
          ],
          deprecateAfter: '90d',
          protect: true,
          ...distribute,
        },
        publish: { parameter: '/testing/latest' },
      },
    });

  const bakedImage = () => bakeImage(adapter, project);

  async function publish(imageId: string, on: (event: RunEvent, abort: () => void) => void = () => {}) {
    const controller = new AbortController();
    const run = new Run({
      id: newRunId(adapter.clock.now()),
      journal: noJournal,
      sink: (event) => on(event, () => controller.abort()),
      signal: controller.signal,
      clock: adapter.clock,
    });
    const [image] = await cloud.images.find([imageId]);
    return withScope(run, (scope) =>
      publishRelease({ run, cloud, project, scope, steps: new Steps(run) }, image!),
    );
  }

  const records = () => images(adapter.local.engine).filter(({ name }) => name === 'testing-r1');
  const seenBySomebody = ({ tags, sharedWith = [] }: ImageRecord) =>
    tags[TAG.published] !== undefined || sharedWith.length > 0;
  const releasesIn = async (region: string) =>
    (await findReleases(cloud.inRegion(region), project)).map(({ imageId }) => imageId);

  it('is copied to every region, encrypted by its key, shared, deprecated and protected everywhere', async () => {
    const imageId = await bakedImage();
    const { images: made } = await publish(imageId);
    expect(Object.keys(made).sort()).toEqual(['ap-northeast-1', HOME, 'us-east-1'].sort());
    expect(made[HOME]).toBe(imageId);
    for (const [region, id] of Object.entries(made)) {
      const record = images(adapter.local.engine).get(id)!;
      expect(record).toMatchObject({ region, state: 'available', protection: { cooldown: false } });
      expect(record.deprecatedAt! - record.createdAt).toBeGreaterThan(90 * DAY - 120_000);
      expect(record.sharedWith).toEqual([
        { userId: '111122223333' },
        { organizationArn: 'arn:aws:organizations::000000000000:organization/o-1' },
        { organizationalUnitArn: 'arn:aws:organizations::000000000000:ou/o-1/ou-2' },
      ]);
      const snapshot = snapshots(adapter.local.engine).get(record.snapshotIds[0]!)!;
      if (region !== HOME) expect(snapshot).toMatchObject({ encrypted: true, kmsKeyId: key(region) });
      expect(snapshot.tags).toMatchObject({ [TAG.project]: 'testing', [TAG.release]: '1' });
      expect(await releasesIn(region)).toEqual([id]);
    }
    expect(await cloud.parameters.find('/testing/latest')).toBe(imageId);
  });

  it('is seen by nobody before every wanted region has it', async () => {
    const imageId = await bakedImage();
    let published = false;
    const early: string[] = [];
    await publish(imageId, (event) => {
      if (event.type === 'step.started' && event.step === 'publish') {
        published = true;
        expect(records().map(({ state }) => state)).toEqual(Array(3).fill('available'));
      }
      if (!published)
        early.push(
          ...records()
            .filter(seenBySomebody)
            .map(({ imageId }) => imageId),
        );
    });
    expect(published).toBe(true);
    expect(early).toEqual([]);
    expect(records().every(seenBySomebody)).toBe(true);
  });

  it('that could not reach one region is published nowhere; the others keep it, and another try completes it', async () => {
    const imageId = await bakedImage();
    const there = cloud.inRegion('us-east-1');
    // Somebody else's image has the name.
    const foreign = await there.images.copy({
      token: 'foreign',
      imageId,
      fromRegion: HOME,
      name: 'testing-r1',
      description: '',
      tags: {},
      encrypted: false,
    });
    await expect(publish(imageId)).rejects.toMatchObject({
      message: expect.stringMatching(
        /release 1 .* could not be copied to us-east-1: .*testing-r1.*another image/,
      ),
      hint: expect.stringMatching(/^1 of 2 regions have it; it is not published anywhere/),
    });
    expect(records().some(seenBySomebody)).toBe(false);
    expect(await cloud.parameters.find('/testing/latest')).toBeUndefined();
    const copied = records().find(({ region }) => region === 'ap-northeast-1')!;
    expect(copied.state).toBe('available');

    await there.images.remove(foreign);
    const { images: made } = await publish(imageId);
    expect(made['ap-northeast-1']).toBe(copied.imageId);
    expect(records().filter(({ state }) => state !== 'deregistered')).toHaveLength(3);
    expect(
      records()
        .filter(({ state }) => state === 'available')
        .every(seenBySomebody),
    ).toBe(true);
  });

  it('that was published already is left alone, until another region is wanted', async () => {
    project = projectWith({ regions: ['us-east-1'] });
    const imageId = await bakedImage();
    const first = await publish(imageId);
    const calls: string[] = [];
    const again = await publish(imageId, (event) => void calls.push(event.type));
    expect(again.images).toEqual(first.images);
    expect(calls).toEqual([]);

    project = projectWith({});
    const more = await publish(imageId);
    expect(more.images).toMatchObject(first.images);
    expect(await releasesIn('ap-northeast-1')).toEqual([more.images['ap-northeast-1']]);
  });

  it('leaves only whole copies when it is interrupted, and gc takes those that were never published', async () => {
    const imageId = await bakedImage();
    const ended = publish(imageId, (event, abort) => {
      if (event.type === 'step.progress' && event.step === 'distribute') abort();
    });
    await expect(ended).rejects.toMatchObject({ exitCode: 130 });
    const half = records().filter(({ state }) => state === 'pending' || state === 'failed');
    expect(half).toEqual([]);
    expect(records().some(seenBySomebody)).toBe(false);

    const run = new Run({
      id: 'gc',
      journal: noJournal,
      sink: () => {},
      signal: new AbortController().signal,
      clock: { ...adapter.clock, now: () => adapter.clock.now() + 30 * DAY },
    });
    await collectGarbage(run, cloud, project, {});
    expect(records().filter(({ state }) => state !== 'deregistered')).toEqual([]);
    expect(snapshots(adapter.local.engine).all()).toEqual([]);
  });
});
