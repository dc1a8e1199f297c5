import type { Claims } from './oidc.ts';
import type { Event, WorkflowDefinition } from './workflow-file.ts';

/** A run of a workflow, as its jobs are told of it. */
interface RunFacts {
  id: string;
  event: Event;
  workflow: WorkflowDefinition;
  path: string;
  sha: string;
}

/** The context `github` of a job. */
export function githubContext(
  { id, event, workflow, path, sha }: RunFacts,
  job: string,
  { repository, apiUrl = 'https://api.github.com' }: { repository: string; apiUrl?: string },
): Record<string, unknown> {
  return {
    ...{ event_name: event.name, sha, repository, job, run_id: id, run_number: '1', run_attempt: '1' },
    ...{ ref: `refs/heads/${event.branch}`, ref_name: event.branch, ref_type: 'branch', actor: 'octocat' },
    ...{ server_url: 'https://github.com', api_url: apiUrl, workflow: workflow.name ?? path },
    repository_owner: repository.split('/')[0],
    event: payloadOf(event),
  };
}

/** The same as variables of the environment, but the token, which steps have only where it is handed to them. */
export const githubVariables = (github: Record<string, unknown>): Record<string, string> => ({
  GITHUB_ACTIONS: 'true',
  ...Object.fromEntries(
    Object.entries(github)
      .filter(([name, value]) => typeof value === 'string' && name !== 'token')
      .map(([name, value]) => [`GITHUB_${name.toUpperCase()}`, String(value)]),
  ),
});

/** What a job's token says of it. Source: GitHub "OpenID Connect reference". */
export function claimsOf(
  { event, sha, id }: RunFacts,
  repository: string,
  environment: string | undefined,
): Claims {
  const ref = `refs/heads/${event.branch}`;
  const who = environment === undefined ? `ref:${ref}` : `environment:${environment}`;
  return { sub: `repo:${repository}:${who}`, repository, ref, sha, run_id: id, event_name: event.name };
}

/** What a workflow may ask of the event itself. */
function payloadOf(event: Event): Record<string, unknown> {
  if (event.name === 'workflow_dispatch') return { inputs: event.inputs };
  return event.name === 'push' ? { created: event.created ?? false } : {};
}
