import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { codeHandlers } from './github/code.ts';
import { deploymentHandlers } from './github/deployments.ts';
import { type Described, operations } from './github/description.ts';
import { type Answer, notFound, Refusal } from './github/handler.ts';
import { pullHandlers } from './github/pulls.ts';
import { Repository } from './github/repository.ts';
import { Shapes } from './github/shapes.ts';

/** Whose a token is, and what it may do: everything, or `{ deployments: 'write', … }`. */
interface Token {
  login: string;
  permissions?: Record<string, 'read' | 'write'>;
}

interface FailureToCome {
  operation: string;
  status: number;
  message: string;
  headers: Record<string, string>;
}

/**
 * GitHub's REST API on loopback, as far as bake uses it. What is asked and what is answered is held against GitHub's published
 * OpenAPI description (github-api.json): what breaks it is in `problems` and answered with 500.
 */
export interface GithubServer {
  /** For GITHUB_API_URL. */
  url: string;
  /** Of `bake[bot]`, which may do everything. Others: `tokens`. */
  token: string;
  /** Tokens by their text. */
  tokens: Map<string, Token>;
  repositories: Map<string, Repository>;
  /** Every request that was understood, in order: `POST /repos/acme/shop/pulls`. */
  requests: { call: string; operation: string; actor: string; body: unknown }[];
  /** What was asked or answered against the description. A test expects none. */
  problems: string[];
  /** Makes a repository with one commit on its default branch. */
  repository(name: string, defaultBranch?: string): Repository;
  /** The next `times` requests of an operation (`pulls/create`) are answered with this. */
  fail(
    operation: string,
    answer: { status: number; message?: string; headers?: Record<string, string>; times?: number },
  ): void;
  close(): Promise<void>;
}

const handlers = { ...codeHandlers, ...pullHandlers, ...deploymentHandlers };
const TOKEN = 'ghs_localLocalLocalLocalLocalLocalLocal1';

/** Starts a server with no repository in it. */
export async function startGithub(): Promise<GithubServer> {
  const failures: FailureToCome[] = [];
  const server = createServer((request, response) => {
    void answer(request).then(({ status, body, headers = {} }) => {
      const content = body === undefined ? '' : JSON.stringify(body);
      response.writeHead(status, {
        ...headers,
        ...(content && { 'content-type': 'application/json; charset=utf-8' }),
      });
      response.end(content);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const shapes = new Shapes(url);
  const github: GithubServer = {
    ...{ url, token: TOKEN, tokens: new Map([[TOKEN, { login: 'bake[bot]' }]]) },
    ...{ repositories: new Map(), requests: [], problems: [] },
    repository(name, defaultBranch) {
      const repository = new Repository(name, defaultBranch);
      github.repositories.set(name, repository);
      return repository;
    },
    fail(operation, { status, message = 'Failed', headers = {}, times = 1 }) {
      for (let n = 0; n < times; n++) failures.push({ operation, status, message, headers });
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };

  async function answer(request: IncomingMessage): Promise<Answer & { headers?: Record<string, string> }> {
    const { pathname, searchParams } = new URL(request.url!, url);
    const call = `${request.method} ${pathname}`;
    const raw = await text(request);
    const matches = operations
      .map((operation) => ({ operation, match: operation.path.exec(pathname) }))
      .filter(({ operation, match }) => match && operation.method === request.method);
    // The longest pattern is the nearest one: `{ref}` has slashes in it.
    const [nearest] = matches.sort((a, b) => b.operation.path.source.length - a.operation.path.source.length);
    if (!nearest)
      return problem(call, ['no such operation in github-api.json (scripts/github-api.mjs lists them)']);
    const { operation, match } = nearest;
    const path = Object.fromEntries(
      Object.entries(match?.groups ?? {}).map(([name, value]) => [name, decodeURIComponent(value)]),
    );
    const query = Object.fromEntries(searchParams);
    const body = raw === '' ? undefined : JSON.parse(raw);
    const problems = [...headerProblems(request), ...operation.request({ path, query, body })];
    if (problems.length > 0) return problem(call, problems);
    const outcome = await handle(operation, request, { path, query, body, call });
    const wrong = outcome.checked === false ? [] : operation.answer(outcome.status, outcome.body);
    return wrong.length > 0 ? problem(`answer to ${call}`, wrong) : outcome;
  }

  function handle(
    operation: Described,
    request: IncomingMessage,
    {
      path,
      query,
      body,
      call,
    }: { path: Record<string, string>; query: Record<string, string>; body: unknown; call: string },
  ): Answer & { headers?: Record<string, string>; checked?: boolean } {
    const token = github.tokens.get(
      /^(?:token|bearer) (.+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '',
    );
    if (!token)
      return refused(401, request.headers.authorization ? 'Bad credentials' : 'Requires authentication');
    github.requests.push({ call, operation: operation.id, actor: token.login, body });
    const failing = failures.findIndex((failure) => failure.operation === operation.id);
    if (failing >= 0) {
      const [{ status, message, headers }] = failures.splice(failing, 1) as [FailureToCome];
      return { ...refused(status, message), headers, checked: false };
    }
    const handler = handlers[operation.id]!;
    const repository = github.repositories.get(`${path.owner}/${path.repo}`);
    try {
      if (path.owner !== undefined && !repository) throw notFound();
      if (handler.needs && !allows(token, handler.needs))
        return {
          ...refused(403, 'Resource not accessible by integration'),
          headers: { 'x-accepted-github-permissions': handler.needs },
        };
      const asked = { actor: token.login, path, query, body: (body ?? {}) as Record<string, unknown> };
      return paged(
        handler.run({ ...asked, repository: repository!, shapes }),
        query,
        `${url}${call.split(' ')[1]}`,
      );
    } catch (error) {
      if (error instanceof Refusal) return refused(error.status, error.message, error.errors);
      return problem(call, [error instanceof Error ? (error.stack ?? error.message) : String(error)]);
    }
  }

  const problem = (call: string, problems: string[]) => {
    github.problems.push(...problems.map((text) => `${call}: ${text}`));
    return {
      status: 500,
      body: { message: `against GitHub's description: ${problems.join('; ')}` },
      checked: false,
    };
  };
  return github;
}

const refused = (status: number, message: string, errors?: Refusal['errors']): Answer => ({
  status,
  body: {
    message,
    errors,
    documentation_url: 'https://docs.github.com/rest',
    ...(status === 409 ? {} : { status: String(status) }),
  },
});

/** GitHub serves nobody without a name; the version and the form of the answer are asked for as its documentation says. */
function headerProblems({ headers }: IncomingMessage): string[] {
  const accept = headers.accept ?? '';
  return [
    ...(headers['user-agent'] ? [] : ['no user-agent']),
    ...(/application\/(vnd\.github(\.v3)?\+)?json|\*\/\*/.test(accept) ? [] : [`accept: ${accept}`]),
    ...(headers['x-github-api-version'] === '2022-11-28' ? [] : ['x-github-api-version is not 2022-11-28']),
  ];
}

const allows = ({ permissions }: Token, needs: string): boolean =>
  needs.split('; ').some((need) => {
    const [what = '', how] = need.split('=');
    if (!permissions || what === 'metadata') return true;
    // A workflow writes `pull-requests` for what an app calls `pull_requests`.
    const has = permissions[what] ?? permissions[what.replaceAll('_', '-')];
    return has === 'write' || has === how;
  });

/** A list is given in pages, with the address of the next one. */
function paged(
  answer: Answer,
  query: Record<string, string>,
  url: string,
): Answer & { headers?: Record<string, string> } {
  if (!Array.isArray(answer.body)) return answer;
  const page = Number(query.page ?? 1);
  const size = Math.min(100, Number(query.per_page ?? 30));
  const more = answer.body.length > page * size;
  const next = new URLSearchParams({ ...query, page: String(page + 1) });
  return {
    ...answer,
    body: answer.body.slice((page - 1) * size, page * size),
    headers: more ? { link: `<${url}?${next}>; rel="next"` } : {},
  };
}
