import { createRequire } from 'node:module';
import type { TestCloud } from './cloud.ts';

// CommonJS packages whose default export differs between Node and the test runner: `require` is the same in both.
const require = createRequire(import.meta.url);
const {
  default: OpenApi,
  OpenApiUtil,
  $OpenApiUtil,
} = require('@alicloud/openapi-core') as typeof import('@alicloud/openapi-core');
const { RuntimeOptions } = require('@darabonba/typescript') as typeof import('@darabonba/typescript');

const VERSIONS = {
  ecs: '2014-05-26',
  ess: '2022-02-22',
  slb: '2014-05-15',
  sts: '2015-04-01',
  oos: '2019-06-01',
} as const;

/**
 * Calls an operation of the embedded cloud with Alibaba's own generic client. `body`: parameters are sent as a form, not in the URL.
 * Rejects with the client's errors: `code`, `statusCode`.
 */
export async function callAlibaba(
  { endpoint, credentials }: Pick<TestCloud, 'endpoint' | 'credentials'>,
  product: keyof typeof VERSIONS,
  action: string,
  parameters: Record<string, unknown> = {},
  { body = false }: { body?: boolean } = {},
): Promise<Record<string, unknown>> {
  const client = new OpenApi(
    new $OpenApiUtil.Config({
      accessKeyId: credentials.accessKeyId,
      accessKeySecret: credentials.secretAccessKey,
      endpoint: new URL(endpoint).host,
      protocol: 'http',
      readTimeout: 30_000,
      connectTimeout: 30_000,
    }),
  );
  const description = new $OpenApiUtil.Params({
    action,
    version: VERSIONS[product],
    protocol: 'HTTP',
    pathname: '/',
    method: 'POST',
    authType: 'AK',
    style: 'RPC',
    reqBodyType: 'formData',
    bodyType: 'json',
  });
  const request = new $OpenApiUtil.OpenApiRequest(
    body
      ? { body: OpenApiUtil.parseToMap(parameters) }
      : { query: OpenApiUtil.query(parameters as Record<string, string>) },
  );
  return (await client.callApi(description, request, new RuntimeOptions({}))).body;
}
