import { Agent, get, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';

/** What clients have seen in some time. */
export interface Seen {
  /** Answers with status 200, by the release that gave them. */
  answered: Record<string, number>;
  /** Everything else, by status or error. */
  failed: Record<string, number>;
}

export interface LoadOptions {
  /** "http://address:port" of a listener. */
  endpoint: string;
  /** Each client sends its next request when it has its answer: so many are under way at any time. */
  clients: number;
  /** Paths, by turns. */
  paths: string[];
}

/** Clients that send requests through a load balancer all the time, over connections that they keep, and count what becomes of them. */
export class HttpLoad {
  readonly #agent = new Agent({ keepAlive: true });
  readonly #clients: Promise<void>[];
  #seen: Seen = { answered: {}, failed: {} };
  #going = true;
  #sent = 0;

  constructor({ endpoint, clients, paths }: LoadOptions) {
    this.#clients = Array.from({ length: clients }, async () => {
      while (this.#going) await this.#send(`${endpoint}${paths[this.#sent++ % paths.length]}`);
    });
  }

  /** Since the last look. */
  take(): Seen {
    const seen = this.#seen;
    this.#seen = { answered: {}, failed: {} };
    return seen;
  }

  /** Answers so far since the last look. */
  get count(): number {
    const { answered, failed } = this.#seen;
    return [...Object.values(answered), ...Object.values(failed)].reduce((sum, n) => sum + n, 0);
  }

  /** Lets every request come to its end. */
  async stop(): Promise<Seen> {
    this.#going = false;
    await Promise.all(this.#clients);
    this.#agent.destroy();
    return this.take();
  }

  async #send(url: string): Promise<void> {
    try {
      const answer = await this.#ask(url);
      const body = await text(answer);
      const release = /\brelease\W+(\w+)/.exec(body)?.[1];
      if (answer.statusCode === 200 && release) note(this.#seen.answered, release);
      else note(this.#seen.failed, String(answer.statusCode));
    } catch (error) {
      note(this.#seen.failed, (error as NodeJS.ErrnoException).code ?? (error as Error).message);
    }
  }

  #ask(url: string): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      get(url, { agent: this.#agent }, resolve).once('error', reject);
    });
  }
}

function note(counts: Record<string, number>, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1;
}
