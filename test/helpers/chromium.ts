import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { temporaryDirectory } from './cli.ts';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'chrome'];

/** The browser that is installed here, if any. */
export const browserHere = (): string | undefined =>
  [process.env.CHROME_PATH, ...NAMES].find(
    (name) => name !== undefined && spawnSync(name, ['--version']).status === 0,
  );

interface Answer {
  id?: number;
  method?: string;
  params?: Record<string, unknown>;
  result?: Record<string, unknown>;
  error?: { message: string };
}

/** A headless browser with one page, driven by its own protocol over a pipe. */
export class Chromium {
  readonly #process: ChildProcess;
  readonly #profile: string;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  readonly #listeners = new Set<(event: Answer) => void>();
  #session: string | undefined;
  #last = 0;
  /** Addresses that the page asked for. */
  readonly requested: string[] = [];
  /** What the browser complained of. */
  readonly complaints: string[] = [];

  private constructor(browser: string) {
    this.#profile = temporaryDirectory('chromium');
    const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--hide-scrollbars', '--no-first-run'];
    this.#process = spawn(
      browser,
      [...flags, `--user-data-dir=${this.#profile}`, '--remote-debugging-pipe', 'about:blank'],
      { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] },
    );
    let text = '';
    (this.#process.stdio[4] as Readable).setEncoding('utf8').on('data', (chunk: string) => {
      const messages = (text + chunk).split('\0');
      text = messages.pop()!;
      for (const message of messages) this.#hear(JSON.parse(message));
    });
  }

  static async start(browser: string): Promise<Chromium> {
    const chromium = new Chromium(browser);
    const { targetInfos } = (await chromium.#ask('Target.getTargets')) as {
      targetInfos: { type: string; targetId: string }[];
    };
    const { targetId } = targetInfos.find(({ type }) => type === 'page')!;
    const { sessionId } = await chromium.#ask('Target.attachToTarget', { targetId, flatten: true });
    chromium.#session = sessionId as string;
    for (const domain of ['Page', 'Network', 'Log', 'Runtime']) await chromium.#ask(`${domain}.enable`);
    return chromium;
  }

  /** Opens a file, as wide as a screen, and waits until it is loaded. */
  async open(file: string, { width, height }: { width: number; height: number }): Promise<void> {
    const metrics = { width, height, deviceScaleFactor: 1, mobile: false };
    await this.#ask('Emulation.setDeviceMetricsOverride', metrics);
    const loaded = new Promise<void>((resolve) => {
      const listener = ({ method }: Answer) => {
        if (method !== 'Page.loadEventFired') return;
        this.#listeners.delete(listener);
        resolve();
      };
      this.#listeners.add(listener);
    });
    await this.#ask('Page.navigate', { url: pathToFileURL(file).href });
    await loaded;
  }

  /** How the reader likes it: colours, or on paper. */
  async prefer(scheme: 'light' | 'dark', media: 'screen' | 'print' = 'screen'): Promise<void> {
    const features = [{ name: 'prefers-color-scheme', value: scheme }];
    await this.#ask('Emulation.setEmulatedMedia', { media, features });
  }

  /** The value of an expression in the page. */
  async value<T>(expression: string): Promise<T> {
    const { result, exceptionDetails } = (await this.#ask('Runtime.evaluate', {
      expression,
      returnByValue: true,
    })) as { result: { value: T }; exceptionDetails?: { text: string } };
    if (exceptionDetails) throw new Error(exceptionDetails.text);
    return result.value;
  }

  /** The whole page as a picture (PNG), or printed (PDF). */
  async picture(): Promise<Buffer> {
    const options = { format: 'png', captureBeyondViewport: true };
    return Buffer.from((await this.#ask('Page.captureScreenshot', options)).data as string, 'base64');
  }

  async print(): Promise<Buffer> {
    const { data } = await this.#ask('Page.printToPDF', {
      printBackground: false,
      paperWidth: 8.27,
      paperHeight: 11.69,
    });
    return Buffer.from(data as string, 'base64');
  }

  async close(): Promise<void> {
    const ended = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await ended;
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }

  #ask(method: string, params: object = {}): Promise<Record<string, unknown>> {
    const id = ++this.#last;
    const input = this.#process.stdio[3] as Writable;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, ({ result = {}, error }) =>
        error ? reject(new Error(`${method}: ${error.message}`)) : resolve(result),
      );
      input.write(`${JSON.stringify({ id, method, params, sessionId: this.#session })}\0`);
    });
  }

  #hear(message: Answer): void {
    if (message.id !== undefined) {
      this.#waiting.get(message.id)?.(message);
      this.#waiting.delete(message.id);
      return;
    }
    const { method, params = {} } = message;
    if (method === 'Network.requestWillBeSent') this.requested.push((params.request as { url: string }).url);
    if (method === 'Log.entryAdded') this.complaints.push((params.entry as { text: string }).text);
    for (const listener of this.#listeners) listener(message);
  }
}
