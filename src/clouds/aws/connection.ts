import type { Clock } from '../../run/clock.ts';
import type { Pace } from '../../run/poll.ts';
import { retry } from '../../run/retry.ts';
import { CONSISTENCY_WINDOW, Fresh } from '../fresh.ts';
import { isNoCapacity } from './capacity.ts';
import { AwsError, explain, failedWith, nameOf } from './errors.ts';

/** Times that one request is sent before throttling, 5xx and network errors are given up (SDK default: 3). */
const MAX_ATTEMPTS = 8;
/** Names of services in IAM actions, by the SDK's client names. */
const SERVICES: Record<string, string> = {
  EC2Client: 'ec2',
  AutoScalingClient: 'autoscaling',
  SSMClient: 'ssm',
  SQSClient: 'sqs',
  CloudWatchLogsClient: 'logs',
  CloudWatchClient: 'cloudwatch',
  ElasticLoadBalancingV2Client: 'elasticloadbalancing',
  STSClient: 'sts',
};

export interface ConnectionOptions {
  region: string;
  endpoint?: string;
  credentials?: ClientConfig['credentials'];
  local: boolean;
  clock: Clock;
}

interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
}

/** What bake sets on every client of the SDK. */
interface ClientConfig {
  region: string;
  endpoint?: string;
  credentials?: Credentials | (() => Promise<Credentials>);
  maxAttempts: number;
  retryMode: string;
  forcePathStyle: boolean;
  requestHandler: { connectionTimeout: number; requestTimeout: number; throwOnRequestTimeout: boolean };
}

interface Middlewares {
  add(middleware: unknown, options: { step: string; priority?: string; name: string }): void;
}
interface SdkClient {
  config: { credentials: () => Promise<Credentials> };
  middlewareStack: unknown;
  destroy(): void;
}
type Handler = (args: object) => Promise<object>;

/**
 * One set of SDK clients with one way to retry and one way to fail: every error that leaves a client is a `BakeError`.
 * Sockets are kept alive by the SDK's own agent and let go by `close`.
 */
export class Connection {
  readonly clock: Clock;
  /** It is the local cloud's. */
  readonly local: boolean;
  readonly #options: ConnectionOptions;
  readonly #clients = new Map<unknown, SdkClient>();
  /** The first client's, with what it has fetched: roles are assumed and credential processes run once, not once per service. */
  #credentials: ClientConfig['credentials'];
  readonly #fresh: Fresh;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#credentials = options.credentials;
    this.clock = options.clock;
    this.#fresh = new Fresh(options.clock);
    this.local = options.local;
  }

  /** Another connection with the same credentials. */
  inRegion(region: string): Connection {
    return new Connection({ ...this.#options, region, credentials: this.#credentials });
  }

  /** The one client of this class. */
  client<C extends SdkClient>(Client: new (config: ClientConfig) => C): C {
    const existing = this.#clients.get(Client) as C | undefined;
    if (existing) return existing;
    const { region, endpoint } = this.#options;
    const client = new Client({
      region,
      endpoint,
      credentials: this.#credentials,
      maxAttempts: MAX_ATTEMPTS,
      retryMode: 'adaptive',
      // S3 at an endpoint of one address has no host name for each bucket. Other clients pass it over.
      forcePathStyle: endpoint !== undefined,
      requestHandler: { connectionTimeout: 5_000, requestTimeout: 60_000, throwOnRequestTimeout: true },
    });
    this.#credentials ??= client.config.credentials;
    const stack = client.middlewareStack as Middlewares;
    stack.add(this.#explainErrors, { step: 'initialize', priority: 'high', name: 'bakeErrors' });
    stack.add(this.#endRetries, { step: 'deserialize', priority: 'high', name: 'bakeEndRetries' });
    this.#clients.set(Client, client);
    return client;
  }

  readonly #explainErrors =
    (next: Handler, context: { clientName?: string; commandName?: string }): Handler =>
    async (args) => {
      try {
        return await next(args);
      } catch (error) {
        throw explain(error, this.#site(context));
      }
    };

  /**
   * What the SDK would send seven more times in vain: nobody listens at the local cloud's port, or a place has no capacity
   * (HTTP 500, so that the SDK takes it for a passing failure). Without node's code and the cause, it lets them be.
   */
  readonly #endRetries =
    (next: Handler, context: { clientName?: string; commandName?: string }): Handler =>
    async (args) => {
      try {
        return await next(args);
      } catch (error) {
        const name = nameOf(error);
        const notRunning = this.#options.local && (error as { code?: string }).code === 'ECONNREFUSED';
        if (!notRunning && !isNoCapacity(name)) throw error;
        const { message, hint } = explain(error, this.#site(context));
        throw new AwsError(message, { code: notRunning ? 'LocalCloudNotRunning' : name, hint });
      }
    };

  #site(context: { clientName?: string; commandName?: string }) {
    const { region, endpoint, local } = this.#options;
    const service = SERVICES[context.clientName ?? ''] ?? context.clientName ?? 'aws';
    const operation = (context.commandName ?? 'call').replace(/Command$/, '');
    return { service, operation, region, endpoint, local };
  }

  made(id: string): void {
    this.#fresh.made(id);
  }

  gone(id: string): void {
    this.#fresh.gone(id);
  }

  isFresh(id: string): boolean {
    return this.#fresh.has(id);
  }

  /** Calls again while AWS does not know yet what was made a moment ago (`id`), answering with one of `codes`. */
  whileUnknown<T>(id: string, codes: string[], call: () => Promise<T>): Promise<T> {
    return this.again(call, (error) => this.isFresh(id) && failedWith(error, ...codes));
  }

  /** Calls again for up to `within` milliseconds while the failure is one that passes. */
  again<T>(
    call: () => Promise<T>,
    passes: (error: unknown) => boolean,
    within = CONSISTENCY_WINDOW,
    interval?: Pace,
  ): Promise<T> {
    return retry(call, { passes, within, clock: this.clock, interval });
  }

  /** Looks again while something made a moment ago is missing from what was found. */
  findAll<T extends { id: string }>(ids: string[], find: (ids: string[]) => Promise<T[]>): Promise<T[]> {
    return this.#fresh.findAll(ids, find);
  }

  close(): void {
    for (const client of this.#clients.values()) client.destroy();
    this.#clients.clear();
  }
}
