import type { Cloud, Surroundings } from './cloud.ts';
import type { OpenCloudOptions } from './options.ts';

/**
 * Opens a cloud without calling it: credentials are first used by the first call.
 * Throws a usage error (exit code 2) when no region is known. Call `close()` when done.
 */
export async function openCloud(options: OpenCloudOptions): Promise<Cloud> {
  if (options.kind === 'alicloud') return (await import('./alicloud/index.ts')).openAlicloud(options);
  return (await import('./aws/index.ts')).openAws(options);
}

/** What a rehearsal makes around an application, on the local cloud alone. Call `close()` of it when done. */
export async function openSurroundings(
  options: OpenCloudOptions & { region: string; local: true },
): Promise<Surroundings> {
  if (options.kind === 'alicloud')
    return (await import('./alicloud/surroundings.ts')).openSurroundings(options);
  return (await import('./aws/surroundings.ts')).openSurroundings(options);
}
