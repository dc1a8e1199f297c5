import { createRequire } from 'node:module';
import type { Clock } from '../../run/clock.ts';
import { retry } from '../../run/retry.ts';
import { CONSISTENCY_WINDOW, Fresh } from '../fresh.ts';
import { endpointOf, PRODUCTS, type ProductCode } from './endpoints.ts';
import { explain, natureOf } from './errors.ts';

type Core = typeof import('@alicloud/openapi-core');
type OpenApi = InstanceType<Core['default']>;

/** CommonJS packages whose default export differs between loaders. Loaded by the first call: they take 70 ms. */
const load = createRequire(import.meta.url);

/** Milliseconds. Both of the library's time-outs, for the shorter one ends a slow answer, too. */
const TIMEOUT = 30_000;
/** How long a failure that passes is waited out: throttling is counted by the minute. */
const PATIENCE = 120_000;
/** Above this a request goes as a form: gateways refuse URLs that are much longer. Characters. */
const LONGEST_QUERY = 6_000;

/** A parameter: lists are numbered on the wire (`Tag.1.Key`), what is undefined is left out. */
export type Parameter = string | number | boolean | undefined | Parameter[] | { [name: string]: Parameter };

export interface ConnectionOptions {
  region: string;
  /** Base URL that answers for every product; default: their own endpoints. */
  endpoint?: string;
  credentials?: { accessKeyId: string; secretAccessKey: string };
  local: boolean;
  clock: Clock;
}

export interface CallOptions {
  /**
   * `throttled`: only a call that was refused is sent again, for one whose answer was lost may have been carried out. Default:
   * `always`, for what reads, carries a ClientToken, or comes to the same when it is done twice.
   */
  again?: 'always' | 'throttled';
}

/** The products of one region, with one way to retry and one way to fail: every error that leaves it is a `BakeError`. */
export class Connection {
  readonly clock: Clock;
  readonly region: string;
  readonly local: boolean;
  readonly #options: ConnectionOptions;
  readonly #clients = new Map<ProductCode, OpenApi>();
  readonly #fresh: Fresh;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.clock = options.clock;
    this.#fresh = new Fresh(options.clock);
    this.region = options.region;
    this.local = options.local;
  }

  inRegion(region: string): Connection {
    return new Connection({ ...this.#options, region });
  }

  /** Calls an action of a product. The answer's fields have their names on the wire. */
  async call<T>(
    product: ProductCode,
    action: string,
    parameters: { [name: string]: Parameter } = {},
    { again = 'always' }: CallOptions = {},
  ): Promise<T> {
    const at = { product, action, region: this.region, endpoint: this.#host(product), local: this.local };
    const passes = (error: unknown) => {
      const nature = natureOf(error);
      const notRunning = this.local && (error as { code?: string }).code === 'ECONNREFUSED';
      return nature.passes && !notRunning && (again === 'always' || !nature.maybeDone);
    };
    try {
      const send = () => this.#send(product, action, { RegionId: this.region, ...parameters });
      return (await retry(send, { passes, within: PATIENCE, clock: this.clock })) as T;
    } catch (error) {
      throw explain(error, at);
    }
  }

  /** All pages of a listing that is counted by page. */
  async pages<T>(
    product: ProductCode,
    action: string,
    parameters: { [name: string]: Parameter },
    itemsOf: (answer: never) => T[] | undefined,
    pageSize: number,
  ): Promise<T[]> {
    const found: T[] = [];
    for (let page = 1; ; page++) {
      const answer = await this.call<{ TotalCount?: number }>(product, action, {
        ...parameters,
        PageNumber: page,
        PageSize: pageSize,
      });
      const items = itemsOf(answer as never) ?? [];
      found.push(...items);
      if (items.length < pageSize || found.length >= (answer.TotalCount ?? 0)) return found;
    }
  }

  async #send(
    product: ProductCode,
    action: string,
    parameters: { [name: string]: Parameter },
  ): Promise<unknown> {
    const { $OpenApiUtil } = load('@alicloud/openapi-core') as Core;
    const { RuntimeOptions } = load('@darabonba/typescript') as typeof import('@darabonba/typescript');
    const flat = flatten(parameters);
    const long = new URLSearchParams(flat).toString().length > LONGEST_QUERY;
    const description = new $OpenApiUtil.Params({
      action,
      version: PRODUCTS[product].version,
      protocol: this.#options.endpoint?.startsWith('http:') ? 'HTTP' : 'HTTPS',
      pathname: '/',
      method: 'POST',
      authType: 'AK',
      style: 'RPC',
      reqBodyType: 'formData',
      bodyType: 'json',
    });
    const request = new $OpenApiUtil.OpenApiRequest(long ? { body: flat } : { query: flat });
    const answer = await this.#client(product).callApi(description, request, new RuntimeOptions({}));
    return answer.body;
  }

  #client(product: ProductCode): OpenApi {
    const existing = this.#clients.get(product);
    if (existing) return existing;
    const { default: Client, $OpenApiUtil } = load('@alicloud/openapi-core') as Core;
    const { credentials, endpoint } = this.#options;
    const config = new $OpenApiUtil.Config({
      ...(credentials
        ? { accessKeyId: credentials.accessKeyId, accessKeySecret: credentials.secretAccessKey }
        : { credential: defaultCredential() }),
      regionId: this.region,
      endpoint: this.#host(product),
      protocol: endpoint?.startsWith('http:') ? 'http' : 'https',
      readTimeout: TIMEOUT,
      connectTimeout: TIMEOUT,
      userAgent: 'bake',
    });
    const client = new Client(config);
    this.#clients.set(product, client);
    return client;
  }

  #host(product: ProductCode): string {
    const { endpoint } = this.#options;
    return endpoint === undefined ? endpointOf(product, this.region) : new URL(endpoint).host;
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

  /** Calls again for up to `within` milliseconds while the failure is one that passes. */
  again<T>(
    call: () => Promise<T>,
    passes: (error: unknown) => boolean,
    within = CONSISTENCY_WINDOW,
  ): Promise<T> {
    return retry(call, { passes, within, clock: this.clock });
  }

  /** Looks again while something made a moment ago is missing from what was found. */
  findAll<T extends { id: string }>(ids: string[], find: (ids: string[]) => Promise<T[]>): Promise<T[]> {
    return this.#fresh.findAll(ids, find);
  }
}

/** The library's chain: environment, configuration of the CLI, OIDC, RAM role of the instance. */
function defaultCredential() {
  const { default: Credential } = load('@alicloud/credentials') as typeof import('@alicloud/credentials');
  return new Credential();
}

/** `{ Tag: [{ Key: 'a' }] }` as `{ 'Tag.1.Key': 'a' }`. */
export function flatten(parameters: { [name: string]: Parameter }): Record<string, string> {
  const flat: Record<string, string> = {};
  const put = (name: string, value: Parameter): void => {
    if (value === undefined) return;
    if (Array.isArray(value)) for (const [at, item] of value.entries()) put(`${name}.${at + 1}`, item);
    else if (typeof value === 'object')
      for (const [key, item] of Object.entries(value)) put(`${name}.${key}`, item);
    else flat[name] = String(value);
  };
  for (const [name, value] of Object.entries(parameters)) put(name, value);
  return flat;
}
