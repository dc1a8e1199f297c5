import { BakeError, Interrupted, messageOf } from '../run/errors.ts';
import { formatDuration } from '../run/format.ts';
import { permissionFor } from './permissions.ts';

/** A refusal of GitHub in plain words. */
export class GithubError extends BakeError {
  /** HTTP status; undefined where GitHub was not reached. */
  readonly status: number | undefined;
  /** When to ask again, milliseconds from now, where GitHub says so (its rate limit). */
  readonly retryAfter: number | undefined;

  constructor(
    message: string,
    options: { status?: number; retryAfter?: number; hint?: string; cause?: unknown },
  ) {
    super(message, options);
    this.status = options.status;
    this.retryAfter = options.retryAfter;
  }
}

/** What was asked, and where. */
export interface GithubCall {
  /** `GET /repos/{owner}/{repo}/pulls` */
  route: string;
  repository: string;
  baseUrl: string;
  signal?: AbortSignal;
}

/** What octokit throws, as far as it is read here. */
interface Thrown {
  name?: string;
  status?: number;
  response?: { headers: Record<string, string | undefined>; data: unknown };
  cause?: { name?: string; cause?: { code?: string } };
}

/** Says what a failed call means and what to do about it. */
export function explain(error: unknown, at: GithubCall): BakeError {
  if (at.signal?.aborted) return new Interrupted();
  const { response, status, cause } = error as Thrown;
  const make = (message: string, hint?: string, retryAfter?: number) =>
    new GithubError(message, { status: response && status, hint, retryAfter, cause: error });
  if (!response) {
    const why =
      cause?.cause?.code ?? (/abort|timeout/i.test(cause?.name ?? '') ? 'no answer' : messageOf(error));
    return make(
      `cannot reach GitHub at ${at.baseUrl} (${why})`,
      'Check the network, the proxy, and the address (GITHUB_API_URL).',
    );
  }
  const said = saidBy(response.data);
  const what = `${at.route.replace('/repos/{owner}/{repo}', '').trim()} of ${at.repository}`;
  const wait = waitOf(response.headers, said);
  if (wait !== undefined)
    return make(`GitHub's rate limit is used up (${said})`, `Try again in ${formatDuration(wait)}.`, wait);
  if (status === 401)
    return make(
      'GitHub does not accept the token',
      'Set GITHUB_TOKEN to one that is valid: `gh auth token` prints one; in a workflow, `GITHUB_TOKEN: ${{ github.token }}`.',
    );
  if (status === 403) {
    const accepted = response.headers['x-accepted-github-permissions'];
    const needed = accepted ? inWorkflow(accepted) : permissionFor(at.route);
    return make(
      `GitHub does not allow the token to ${what} (${said})`,
      needed &&
        `It needs \`${needed}\`: in a workflow under \`permissions:\`, else among the token's own permissions.`,
    );
  }
  if (status === 404)
    return make(
      `GitHub finds nothing for ${what}`,
      `Check that ${at.repository} is the repository (GITHUB_REPOSITORY), and that the token may see it: what it may not see is not there for it.`,
    );
  if (status === 422) return make(`GitHub refuses ${what}: ${said}`);
  return make(`GitHub failed at ${what}: ${status} ${said}`);
}

/** `issues=write; pull_requests=write`, as a workflow writes it. */
const inWorkflow = (accepted: string): string =>
  accepted.replaceAll('=', ': ').replaceAll('_', '-').replaceAll('; ', '` or `');

/** How long to wait where the rate limit is what was refused: GitHub answers 403 or 429 then. Milliseconds. */
function waitOf(headers: Record<string, string | undefined>, said: string): number | undefined {
  const after = headers['retry-after'];
  if (after !== undefined) return Number(after) * 1_000;
  if (headers['x-ratelimit-remaining'] === '0')
    return Math.max(0, Number(headers['x-ratelimit-reset']) * 1_000 - Date.now());
  // The secondary limit without a time: GitHub asks for a minute at least.
  return /secondary rate limit/i.test(said) ? 60_000 : undefined;
}

/** GitHub's own words, with those for each field. */
function saidBy(data: unknown): string {
  if (typeof data !== 'object' || data === null) return String(data).slice(0, 200);
  const { message = '', errors = [] } = data as { message?: string; errors?: unknown[] };
  const details = Array.isArray(errors) ? errors.map(detail).filter((text) => text !== '') : [];
  return [message, ...details].join('; ');
}

function detail(error: unknown): string {
  if (typeof error === 'string') return error;
  const { message, resource, field, code } = error as Record<string, string | undefined>;
  return message ?? [resource, field, code].filter((word) => word !== undefined).join(' ');
}
