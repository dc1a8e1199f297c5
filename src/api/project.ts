import { type LoadOptions, loadProject as load } from '../config/load.ts';
import type { Project } from '../config/schema.ts';

/**
 * Loads bake.yaml, merges it for one environment, and checks it and every file that it names; asks no cloud. Throws one usage error that
 * tells everything that is wrong, each problem as `bake.yaml:LINE:COLUMN: key: what`. By default it looks in the working directory and
 * above it, and takes the process's environment variables for `${env.NAME}`.
 */
export const loadProject = ({
  directory = process.cwd(),
  variables = process.env,
  ...options
}: Partial<LoadOptions> = {}): Project => load({ directory, variables, ...options });
