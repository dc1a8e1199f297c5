import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Project, projectSchema } from '../../src/config/schema.ts';

/** A project as the loader would have made it, with a fleet of three; `config` overrides whole sections of bake.yaml. */
export function testProject(config: Record<string, unknown> = {}, directory = tmpdir()): Project {
  return {
    config: projectSchema.parse({
      project: 'testing',
      image: {
        base: { id: 'ami-base' },
        layers: [{ name: 'application', provisioners: [{ inline: 'true' }] }],
      },
      fleet: { name: 'workers', size: { min: 1, max: 6, desired: 3 } },
      ...config,
    }),
    directory,
    file: join(directory, 'bake.yaml'),
    environment: 'default',
    environments: [],
  };
}
