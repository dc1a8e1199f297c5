import { setupScript } from '../rollout/in-place/setup.ts';
import { inPlaceConfig } from '../rollout/in-place/site.ts';
import { withFailures } from './failure.ts';
import { type GlobalOptions, openProject } from './session.ts';

/** What is said where work on servers that stay is interrupted. */
export const IN_PLACE_INTERRUPTED = {
  first: 'interrupted: servers that were switched are switched back',
  second:
    'some servers may be half way; `bake status` shows each, the same command again goes on, `bake rollback` goes back',
};

/** `bake in-place setup --print`: what prepares a server, as a script for its root. */
export const inPlaceSetup = (options: GlobalOptions): Promise<number> =>
  withFailures(options, async () => {
    const project = openProject(options);
    process.stdout.write(setupScript(inPlaceConfig(project), project.config.project));
    return 0;
  });
