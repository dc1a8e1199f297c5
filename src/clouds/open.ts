import type { Cloud } from './cloud.ts';
import type { OpenCloudOptions } from './options.ts';

/**
 * Opens a cloud without calling it: credentials are first used by the first call.
 * Throws a usage error (exit code 2) when no region is known. Call `close()` when done.
 */
export async function openCloud(options: OpenCloudOptions): Promise<Cloud> {
  if (options.kind === 'alicloud') return (await import('./alicloud/index.ts')).openAlicloud(options);
  return (await import('./aws/index.ts')).openAws(options);
}
