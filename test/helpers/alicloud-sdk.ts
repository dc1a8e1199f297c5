import { createRequire } from 'node:module';
import type { TestCloud } from './cloud.ts';

const require = createRequire(import.meta.url);

/** The official ECS client, typed and unchanged, pointed at the embedded cloud; and its namespace of requests. */
export function ecsClient({ endpoint, credentials }: Pick<TestCloud, 'endpoint' | 'credentials'>) {
  const ecs = require('@alicloud/ecs20140526') as typeof import('@alicloud/ecs20140526');
  const { $OpenApiUtil } = require('@alicloud/openapi-core') as typeof import('@alicloud/openapi-core');
  const client = new ecs.default(
    new $OpenApiUtil.Config({
      accessKeyId: credentials.accessKeyId,
      accessKeySecret: credentials.secretAccessKey,
      regionId: 'eu-central-1',
      endpoint: new URL(endpoint).host,
      protocol: 'http',
      readTimeout: 30_000,
      connectTimeout: 30_000,
    }),
  );
  return { ecs, client };
}
