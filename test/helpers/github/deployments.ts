import { contextsOf } from './code.ts';
import { found, type Handlers, invalid, Refusal } from './handler.ts';
import type { Deployment, Repository } from './repository.ts';

const deploymentOf = (repository: Repository, id: string): Deployment =>
  found(repository.deployments.find((deployment) => deployment.id === Number(id)));

/** Deployments, and how they went. */
export const deploymentHandlers: Handlers = {
  'repos/list-deployments': {
    needs: 'deployments=read',
    run({ repository, query, shapes }) {
      const wanted = Object.entries(query).filter(([name]) =>
        ['sha', 'ref', 'task', 'environment'].includes(name),
      );
      const deployments = repository.deployments
        .filter((one) => wanted.every(([name, value]) => one[name as 'sha'] === value))
        .reverse();
      return { status: 200, body: deployments.map((one) => shapes.deployment(repository, one)) };
    },
  },
  'repos/create-deployment': {
    needs: 'deployments=write',
    run({ repository, body, shapes, actor }) {
      const {
        ref,
        task = 'deploy',
        environment = 'production',
        description = '',
      } = body as Record<string, string>;
      const sha = repository.resolve(ref!);
      if (!sha) throw new Refusal(422, `No ref found for: ${ref}`);
      const behind = repository.missing(sha, repository.branches.get(repository.defaultBranch)!).length > 0;
      if (body.auto_merge !== false && repository.branches.has(ref!) && behind) {
        repository.commit(ref!, { message: `Merge ${repository.defaultBranch} into ${ref}`, author: actor });
        return {
          status: 202,
          body: { message: `Auto-merged ${repository.defaultBranch} into ${ref} on deployment.` },
        };
      }
      const contexts = contextsOf(repository, sha);
      const required = (body.required_contexts as string[] | undefined) ?? [...contexts.keys()];
      const failing = required.filter((context) => contexts.get(context) !== 'success');
      if (failing.length > 0) throw new Refusal(409, `Conflict: Commit status checks failed for ${ref}.`);
      const production = (body.production_environment as boolean | undefined) ?? environment === 'production';
      const deployment = {
        ...{
          id: repository.nextId(),
          ref: ref!,
          sha,
          task,
          environment,
          description,
          creator: actor,
          production,
        },
        ...{ payload: body.payload ?? {}, transient: body.transient_environment === true },
        ...{ createdAt: repository.now(), statuses: [] },
      };
      repository.deployments.push(deployment);
      return { status: 201, body: shapes.deployment(repository, deployment) };
    },
  },
  'repos/list-deployment-statuses': {
    needs: 'deployments=read',
    run({ repository, path, shapes }) {
      const deployment = deploymentOf(repository, path.deployment_id!);
      const statuses = [...deployment.statuses].reverse();
      return {
        status: 200,
        body: statuses.map((one) => shapes.deploymentStatus(repository, deployment, one)),
      };
    },
  },
  'repos/create-deployment-status': {
    needs: 'deployments=write',
    run({ repository, path, body, shapes, actor }) {
      const deployment = deploymentOf(repository, path.deployment_id!);
      const {
        state,
        description = '',
        target_url = '',
        environment_url = '',
      } = body as Record<string, string>;
      const log_url = (body.log_url as string | undefined) ?? target_url;
      if (description.length > 140)
        throw invalid(
          'DeploymentStatus',
          'description',
          'description is too long (maximum is 140 characters)',
        );
      const status = {
        ...{ id: repository.nextId(), state: state!, description, log_url, environment_url },
        ...{ creator: actor, createdAt: repository.now() },
      };
      deployment.statuses.push(status);
      if (state === 'success' && body.auto_inactive !== false) supersede(repository, deployment, actor);
      return { status: 201, body: shapes.deploymentStatus(repository, deployment, status) };
    },
  },
};

/** A success makes what was deployed to the same environment before inactive, except in production and where it is transient. */
function supersede(repository: Repository, deployment: Deployment, creator: string): void {
  for (const before of repository.deployments) {
    const same = before.environment === deployment.environment && before.id < deployment.id;
    if (!same || before.transient || before.production || before.statuses.at(-1)?.state === 'inactive')
      continue;
    const [id, createdAt] = [repository.nextId(), repository.now()];
    const status = {
      id,
      state: 'inactive',
      description: '',
      log_url: '',
      environment_url: '',
      creator,
      createdAt,
    };
    before.statuses.push(status);
  }
}
