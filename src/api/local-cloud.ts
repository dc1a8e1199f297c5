import { startLocalCloud } from '../localcloud/control.ts';
import { LocalCloudError, type LocalCloudInfo, type LocalCloudOptions } from '../localcloud/control-info.ts';
import { BakeError } from '../run/errors.ts';
import { makeStateDirectory } from './state-directory.ts';

/** The local cloud of a directory, started if need be. */
export const ensureLocalCloud = (
  directory: string,
  say: (message: string) => void,
): Promise<LocalCloudInfo> =>
  inWords(async () => {
    const info = await startLocal(directory);
    if (info.started) say(`started the local cloud: ${info.endpoint}, ${info.description}`);
    return info;
  });

/** Starts it, or finds it. */
export function startLocal(directory: string, options?: LocalCloudOptions) {
  makeStateDirectory(directory);
  return startLocalCloud(directory, options);
}

/** What points any client at the local cloud. */
export const clientVariables = (info: LocalCloudInfo): Record<string, string> => ({
  AWS_ENDPOINT_URL: info.endpoint,
  AWS_REGION: info.region,
  AWS_DEFAULT_REGION: info.region,
  AWS_ACCESS_KEY_ID: info.accessKeyId,
  AWS_SECRET_ACCESS_KEY: info.secretAccessKey,
  ALIBABA_CLOUD_REGION_ID: info.region,
  ALIBABA_CLOUD_ACCESS_KEY_ID: info.accessKeyId,
  ALIBABA_CLOUD_ACCESS_KEY_SECRET: info.secretAccessKey,
});

/** Gives the local cloud's own errors to the user as bake's. */
export async function inWords<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof LocalCloudError)) throw error;
    throw new BakeError(error.message, { hint: error.hint, details: error.details, cause: error });
  }
}
