import type { request as octokit } from '@octokit/request';
import type { Endpoints } from '@octokit/types';
import { systemClock } from '../run/clock.ts';
import { retry } from '../run/retry.ts';
import { explain, type GithubCall, GithubError } from './errors.ts';

/** A call of GitHub's REST API as it is documented: `GET /repos/{owner}/{repo}/pulls`. */
export type GithubRoute = keyof Endpoints;
/** What a call takes besides the repository: values of its path, of its query and of its body. */
export type GithubParameters<R extends GithubRoute> = Omit<Endpoints[R]['parameters'], 'owner' | 'repo'>;
/** What a call answers with. */
export type GithubAnswer<R extends GithubRoute> = Endpoints[R]['response']['data'];
type Listed<T> = T extends readonly (infer Item)[] ? Item : never;

/** One repository on GitHub, by its REST API. Every failure is a `GithubError` (or `Interrupted`). */
export interface Github {
  /** `owner/name` */
  readonly repository: string;
  request<R extends GithubRoute>(route: R, parameters?: GithubParameters<R>): Promise<GithubAnswer<R>>;
  /** Every item of a list, however many pages it has. */
  all<R extends GithubRoute>(route: R, parameters?: GithubParameters<R>): Promise<Listed<GithubAnswer<R>>[]>;
}

export interface GithubOptions {
  token: string;
  /** `owner/name` */
  repository: string;
  /** GITHUB_API_URL; default: https://api.github.com */
  apiUrl?: string;
  signal?: AbortSignal;
}

/** A call that has no answer by then has none. Milliseconds. */
const PATIENCE = 20_000;
/** How long what is out of order is asked again, milliseconds. */
const AGAIN = 8_000;
/** As many as GitHub gives at once. */
const PAGE = 100;
/** The version whose description the tests hold every call against. */
const API_VERSION = '2022-11-28';

/** Nothing is loaded, and nothing asked, before the first call. */
export function openGithub({ token, repository, apiUrl, signal }: GithubOptions): Github {
  const [owner = '', repo = ''] = repository.split('/');
  const baseUrl = (apiUrl ?? 'https://api.github.com').replace(/\/+$/, '');
  let opened: Promise<typeof octokit> | undefined;
  const open = async () => {
    const { request } = await import('@octokit/request');
    const headers = { authorization: `token ${token}`, 'user-agent': 'bake' };
    return request.defaults({ baseUrl, headers, request: { log: silent } });
  };
  const once = async (route: GithubRoute, parameters: object) => {
    const late = AbortSignal.timeout(PATIENCE);
    const at: GithubCall = { route, repository, baseUrl, signal };
    opened ??= open();
    const request = await opened;
    try {
      return await request(route as string, {
        // What a route has no place for would be sent as a query.
        ...(route.includes('{repo}') ? { owner, repo } : {}),
        ...parameters,
        headers: { 'x-github-api-version': API_VERSION },
        request: { signal: signal ? AbortSignal.any([signal, late]) : late },
      });
    } catch (error) {
      throw explain(error, at);
    }
  };
  /** What only reads is asked again while GitHub is out of order; what changes something may have done so. */
  const call = (route: GithubRoute, parameters: object) =>
    route.startsWith('GET ')
      ? retry(() => once(route, parameters), { passes, within: AGAIN, clock: systemClock, signal })
      : once(route, parameters);
  return {
    repository,
    request: async (route, parameters = {} as never) => (await call(route, parameters)).data,
    async all(route, parameters = {} as never) {
      const items = [];
      for (let page = 1; ; page++) {
        const { data, headers } = await call(route, { per_page: PAGE, ...parameters, page });
        items.push(...data);
        if (!headers.link?.includes('rel="next"')) return items;
      }
    },
  };
}

const passes = (error: unknown): boolean =>
  error instanceof GithubError && [502, 503, 504].includes(error.status ?? 0);

/** What octokit would say on the console. */
const silent = { debug() {}, info() {}, warn() {}, error() {} };
