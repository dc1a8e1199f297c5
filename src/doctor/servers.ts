import type { Cloud } from '../clouds/cloud.ts';
import type { Project } from '../config/schema.ts';
import type { InPlaceConfig } from '../config/schema-in-place.ts';
import { findHosts } from '../rollout/in-place/find-hosts.ts';
import { type Login, logIn, loginOf } from '../rollout/in-place/login.ts';
import { type Check, checksOf } from './check.ts';

const { ok, refused } = checksOf('the servers');

/** Whether there is a key, and whether every server of an in-place project lets bake in by its own host key. Changes nothing. */
export async function serverChecks(
  project: Project,
  config: InPlaceConfig,
  cloud: () => Cloud,
): Promise<Check[]> {
  try {
    const login = loginOf(project, config);
    const hosts = await findHosts(config, cloud);
    const checks = hosts.map((host) => serverCheck(login, host));
    return [ok('ssh key', login.key), ...(await Promise.all(checks))];
  } catch (error) {
    return [refused('ssh key', error)];
  }
}

async function serverCheck(login: Login, host: Awaited<ReturnType<typeof findHosts>>[0]): Promise<Check> {
  try {
    (await logIn(login, host)).close();
    return ok(host.name, `lets ${host.user} in`);
  } catch (error) {
    return refused(host.name, error);
  }
}
