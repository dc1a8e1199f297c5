import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writePage } from '../../src/report/html/reporter.ts';
import { Story } from '../../src/report/html/story.ts';
import type { RunEvent, RunEventBody } from '../../src/run/events.ts';
import { blueGreenProject } from '../helpers/blue-green-world.ts';
import { browserHere, Chromium } from '../helpers/chromium.ts';
import { temporaryDirectory } from '../helpers/cli.ts';
import { failure } from '../helpers/failure.ts';
import { RolloutWorld } from '../helpers/rollout-world.ts';

const browser = browserHere();
if (!browser) console.warn('no Chromium here: the page of a run is not opened in a browser');

/** A page from a rollout that really took place. */
async function rolloutPage(
  directory: string,
  name: string,
  work: (world: RolloutWorld) => Promise<unknown>,
): Promise<string> {
  const world = await RolloutWorld.start();
  try {
    const project = world.project({ fleet: { size: { min: 1, max: 12, desired: 8 } } });
    await world.addRelease(project, '1');
    await world.apply(project);
    await world.addRelease(project, '2');
    world.events.length = 0;
    await work(world);
    const story = new Story('r1');
    for (const event of world.events) story.add(event);
    const file = join(directory, `${name}.html`);
    writePage(file, story);
    return file;
  } finally {
    await world.close();
  }
}

/** Two thousand instances over two hours. */
function longPage(directory: string): string {
  const story = new Story('r1');
  const tell = (seconds: number, body: RunEventBody) =>
    story.add({ time: new Date(seconds * 1_000).toISOString(), run: 'r1', ...body } as RunEvent);
  const seen = (release: string, ids: number[], lifecycle: string, gone: number[] = []): RunEventBody => ({
    type: 'fleet.seen',
    group: 'workers',
    desired: 1_000,
    instances: ids.map((id) => ({ id: `i-${id}`, version: 1, release, lifecycle, healthy: true })),
    gone: gone.map((id) => `i-${id}`),
  });
  tell(0, { type: 'step.started', step: 'rollout.replace', title: 'Replacing' });
  const old = Array.from({ length: 1_000 }, (_, at) => at);
  tell(0, seen('1', old, 'InService'));
  for (let at = 0; at < 1_000; at += 50) {
    const batch = old.slice(at, at + 50);
    tell(
      at * 7,
      seen(
        '2',
        batch.map((id) => id + 1_000),
        'Pending',
      ),
    );
    tell(
      at * 7 + 100,
      seen(
        '2',
        batch.map((id) => id + 1_000),
        'InService',
        batch,
      ),
    );
  }
  const file = join(directory, 'long.html');
  writePage(file, story);
  return file;
}

/** Whether nothing sticks out of the page, nor out of the place that it has. */
const FITS = `document.documentElement.scrollWidth <= window.innerWidth &&
  [...document.querySelectorAll('.bars svg rect')].every((bar) => {
    const { left, right } = bar.getBoundingClientRect();
    const place = bar.ownerSVGElement.getBoundingClientRect();
    return left >= place.left - 1 && right <= place.right + 4;
  })`;

const PAPER = `getComputedStyle(document.body).backgroundColor`;

/** Contrast of texts with what they stand on (WCAG 2), the least there is. */
const CONTRAST = `(() => {
  const light = (css) => {
    const [r, g, b] = css.match(/[\\d.]+/g).map(Number).map((c) => (c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const paper = light(${PAPER});
  return Math.min(...[...document.querySelectorAll('h1, h2, p, td, th, .words, summary')].map((element) => {
    const ink = light(getComputedStyle(element).color);
    return (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
  }));
})()`;

describe.skipIf(!browser)('the page of a run, in a browser,', () => {
  let chromium: Chromium;
  let pages: Record<string, string>;
  const directory = temporaryDirectory('report');

  beforeAll(async () => {
    pages = {
      rolling: await rolloutPage(directory, 'rolling', (world) => world.rollOut(world.project())),
      'gone back': await rolloutPage(directory, 'gone-back', async (world) => {
        world.workers.behaviours.set('2', 'logs errors');
        await failure(world.rollOut(world.project()));
      }),
      'blue-green': await rolloutPage(directory, 'blue-green', (world) =>
        world.rollOut(blueGreenProject(world, {})),
      ),
      long: longPage(directory),
    };
    chromium = await Chromium.start(browser!);
  }, 120_000);
  afterAll(() => chromium?.close());

  it.each(['rolling', 'gone back', 'blue-green', 'long'])(
    'fits on a screen and on a telephone, in light and dark: %s',
    async (name) => {
      const papers = new Set<string>();
      for (const width of [1280, 400])
        for (const scheme of ['light', 'dark'] as const) {
          await chromium.prefer(scheme);
          await chromium.open(pages[name]!, { width, height: 900 });
          expect([width, await chromium.value<boolean>(FITS)]).toEqual([width, true]);
          expect(await chromium.value<number>(CONTRAST)).toBeGreaterThan(4.5);
          papers.add(await chromium.value<string>(PAPER));
          const picture = await chromium.picture();
          expect(picture.length).toBeGreaterThan(10_000);
          writeFileSync(join(directory, `${name}-${scheme}-${width}.png`), picture);
        }
      expect(papers.size).toBe(2);
    },
  );

  it('shows a bar for each instance that was there, and for each step', async () => {
    await chromium.open(pages.rolling!, { width: 1280, height: 900 });
    expect(await chromium.value<number>(`document.querySelectorAll('.lives tbody tr').length`)).toBe(16);
    const bars = `[...document.querySelectorAll('section[aria-labelledby=steps] rect')].map((bar) => bar.getBoundingClientRect().width)`;
    const widths = await chromium.value<number[]>(bars);
    expect(widths.length).toBeGreaterThan(3);
    expect(Math.min(...widths)).toBeGreaterThan(1);
  });

  it('is printed on white, whatever the screen is like', async () => {
    await chromium.prefer('dark', 'print');
    await chromium.open(pages['gone back']!, { width: 1280, height: 900 });
    expect(await chromium.value<string>(PAPER)).toBe('rgb(255, 255, 255)');
    expect((await chromium.print()).subarray(0, 5).toString()).toBe('%PDF-');
  });

  it('asks for nothing but itself, and the browser has nothing to complain of', () => {
    const own = Object.values(pages).map((file) => `file://${file}`);
    expect([...new Set(chromium.requested)].filter((url) => !own.includes(url))).toEqual([]);
    expect(chromium.complaints).toEqual([]);
  });
});
