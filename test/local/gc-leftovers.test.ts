import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { DescribeInstancesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Cloud } from '../../src/clouds/cloud.ts';
import type { Project } from '../../src/config/schema.ts';
import { baseImageId } from '../../src/localcloud/engine/ec2/images.ts';
import { noJournal } from '../../src/run/journal.ts';
import { newRunId, Run } from '../../src/run/run.ts';
import { ownTags, TAG } from '../../src/run/tags.ts';
import { collectGarbage, type GcOptions } from '../../src/upkeep/gc.ts';
import { type AdapterTest, startAdapter } from '../helpers/adapter.ts';
import { temporaryDirectory } from '../helpers/cli.ts';
import { leaveEverything } from '../helpers/leftovers.ts';
import { testProject } from '../helpers/project.ts';

const HOUR = 3_600_000;

describe('what a run leaves behind', () => {
  let adapter: AdapterTest;
  let cloud: Cloud;
  let ec2: EC2Client;
  let project: Project;
  let directory: string;

  beforeAll(async () => {
    adapter = await startAdapter();
    cloud = adapter.cloud;
    ec2 = new EC2Client(adapter.local.client);
    directory = temporaryDirectory('gc');
    project = testProject({}, directory);
  });
  afterAll(async () => {
    ec2.destroy();
    await adapter.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const runOf = (id: string) =>
    new Run({
      id,
      journal: noJournal,
      sink: () => {},
      signal: new AbortController().signal,
      clock: adapter.clock,
    });
  const gc = (options: GcOptions = {}) => collectGarbage(runOf('gc'), cloud, project, options);

  const leave = (run: string, lives: number) => leaveEverything(adapter, project, run, lives);

  /** What there is of a run and still costs something. */
  async function left(run: string): Promise<string[]> {
    const tags = { [TAG.run]: run };
    const [instances, images, others] = await Promise.all([
      cloud.instances.findByTags(tags),
      cloud.images.findByTags(tags),
      cloud.leftovers.find(['volume', 'snapshot', 'key pair', 'security group'], tags),
    ]);
    const alive = instances.filter(({ state }) => state !== 'terminated');
    return [...alive, ...images, ...others].map(({ id }) => id);
  }

  let run: string;
  beforeEach(() => {
    run = newRunId(adapter.clock.now());
  });

  it('is found by tags alone once it has expired, and all of it goes', async () => {
    const ids = await leave(run, -HOUR);
    const { removed, failures } = await gc();
    expect(failures).toEqual([]);
    expect(removed.map(({ id }) => id).sort()).toEqual(ids);
    expect(await left(run)).toEqual([]);
  });

  it('is only named by a dry run', async () => {
    const ids = await leave(run, -HOUR);
    const before = await left(run);
    const { removed } = await gc({ dryRun: true });
    expect(removed.map(({ id }) => id).sort()).toEqual(ids);
    expect(await left(run)).toEqual(before);
    await gc();
  });

  it('is not touched while its run may be going on, unless the run is named', async () => {
    await leave(run, HOUR);
    const before = await left(run);
    expect((await gc()).removed).toEqual([]);
    expect((await gc({ run: 'another' })).removed).toEqual([]);
    expect(await left(run)).toEqual(before);
    await gc({ run });
    expect(await left(run)).toEqual([]);
  });

  it('goes at once when this machine knows that its run crashed', async () => {
    await leave(run, HOUR);
    const runs = join(directory, '.bake', 'runs');
    mkdirSync(runs, { recursive: true });
    const journal = (pid: number, host = hostname(), end = '') =>
      writeFileSync(
        join(runs, `${run}.jsonl`),
        `${JSON.stringify({ entry: 'begin', pid, host })}\n${end}{"entry":"inte`,
      );
    const gone = 2 ** 22 + 1; // Above the highest process id there is.
    journal(process.pid);
    expect((await gc()).removed).toEqual([]);
    journal(gone, 'another-machine');
    expect((await gc()).removed).toEqual([]);
    journal(gone, hostname(), '{"entry":"end","ok":false}\n');
    expect((await gc()).removed).toEqual([]);
    journal(gone);
    await gc();
    expect(await left(run)).toEqual([]);
  });

  it('of runs that began lately stays when only older ones were asked for', async () => {
    await leave(run, -1_000);
    expect((await gc({ olderThan: HOUR })).removed).toEqual([]);
    await gc();
    expect(await left(run)).toEqual([]);
  });

  it('of another project is none of its business', async () => {
    const other = testProject({ project: 'other' }, directory);
    const mine = project;
    project = other;
    await leave(run, -HOUR);
    project = mine;
    expect((await gc()).removed).toEqual([]);
    project = other;
    await gc();
    project = mine;
    expect(await left(run)).toEqual([]);
  });

  it('never goes for instances, images and volumes that were made to last', async () => {
    const tags = ownTags(project, run);
    const launched = await cloud.instances.launch({
      token: run,
      imageId: baseImageId(adapter.local.engine),
      instanceType: 't3.small',
      rootVolume: { type: 'gp3', encrypted: true },
      userData: '',
      tags,
      terminateOnShutdown: false,
    });
    expect((await gc({ run })).removed).toEqual([]);
    const { instanceId } = launched as { instanceId: string };
    const { Reservations } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [instanceId] }));
    expect(Reservations?.[0]?.Instances?.[0]?.State?.Name).not.toMatch(/terminated|shutting/);
  });
});
