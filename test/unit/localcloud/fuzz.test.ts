import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allServices, operationsOf } from '../../../src/localcloud/operations.ts';
import { startCloud, type TestCloud } from '../../helpers/cloud.ts';
import { plainRequest, type RawAnswer, signedRequest } from '../../helpers/signed-request.ts';

// Whatever comes over the wire, each service answers with an error in its protocol's own form: never a 5xx, never silence.

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startCloud();
});
afterAll(() => cloud.close());

const services = allServices();
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** The code of an error in any of the protocols; throws when the answer is in none of them. */
function codeOf(answer: RawAnswer): string {
  if (answer.body.startsWith('{')) return JSON.parse(answer.body).__type;
  expect(XMLValidator.validate(answer.body)).toBe(true);
  const { Response, ErrorResponse, Error: error } = new XMLParser().parse(answer.body);
  return (Response?.Errors?.Error ?? ErrorResponse?.Error ?? error).Code;
}

function expectRefusal(answer: RawAnswer): void {
  expect(answer.status).toBeGreaterThanOrEqual(400);
  // 501 is how S3 says that it has no such operation.
  expect(answer.status === 501 || answer.status < 500, answer.body).toBe(true);
  expect(codeOf(answer)).toEqual(expect.any(String));
}

describe.each(services.map((service) => ({ service, name: service.signingName })))(
  '$name',
  ({ service, name }) => {
    const headers = (body: string): Record<string, string> => {
      if (service.rest) return { 'x-amz-content-sha256': sha256(body) };
      if (!service.json) return { 'content-type': 'application/x-www-form-urlencoded' };
      const target = `${service.json.targetPrefix}.${operationsOf(service)[0]}`;
      return { 'content-type': `application/x-amz-json-${service.json.version}`, 'x-amz-target': target };
    };
    const path = service.rest ? '/bucket/key' : '/';

    it('refuses every signature that is none', async () => {
      const part = fc.oneof(
        fc.constantFrom('AWS4-HMAC-SHA256', 'AWS4-HMAC-SHA1', 'Bearer', 'Credential=', 'Signature='),
        fc.constantFrom(
          'SignedHeaders=host;x-amz-date',
          'SignedHeaders=',
          ',',
          '/',
          '=',
          ' ',
          'aws4_request',
        ),
        fc.constant(`Credential=AKIA/20261121/eu-central-1/${name}/aws4_request`),
        fc.string({ maxLength: 12 }),
      );
      const authorization = fc
        .array(part, { maxLength: 8 })
        .map((parts) => parts.join('').replace(/[^\x20-\x7e]/g, '?'));
      const date = fc.constantFrom('', 'x', '20261121T000000Z', '99999999T999999Z');
      await fc.assert(
        fc.asyncProperty(authorization, date, fc.boolean(), async (value, amzDate, inQuery) => {
          const target = inQuery
            ? `${path}?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=${encodeURIComponent(value)}&X-Amz-Date=${amzDate}`
            : path;
          const sent = { ...headers(''), authorization: value, 'x-amz-date': amzDate };
          expectRefusal(await plainRequest(cloud, { target, headers: sent }));
        }),
        { numRuns: 60 },
      );
    });

    it('refuses a request that was changed after it was signed', async () => {
      const change = fc.constantFrom<Record<string, string>>(
        { 'x-amz-date': '20200101T000000Z' },
        { host: 'elsewhere.example' },
        { 'x-amz-security-token': 'x' },
      );
      await fc.assert(
        fc.asyncProperty(change, fc.string({ maxLength: 20 }), async (unsigned, body) =>
          expectRefusal(
            await signedRequest(cloud, { service: name, path, headers: headers(body), body, unsigned }),
          ),
        ),
        { numRuns: 20 },
      );
    });

    it('refuses bodies that are nothing it could read', async () => {
      const body = fc.oneof(
        fc.string({ maxLength: 200 }),
        fc.string({ maxLength: 50, unit: 'binary' }),
        fc.constantFrom(
          '{',
          '{"a":',
          '[1]',
          '<a',
          '<a><b></a>',
          '<?xml version="1.0"?>',
          '&&=&',
          '%',
          '%zz=%',
        ),
        fc.constant('<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'),
        fc.constant(`${'<a>'.repeat(5_000)}`),
      );
      await fc.assert(
        fc.asyncProperty(body, async (text) => {
          // In S3 any body is an object's; what it reads are the documents of some operations.
          const target = service.rest ? { path: '/bucket', query: 'delete=' } : { path };
          const answer = await signedRequest(cloud, {
            ...target,
            service: name,
            headers: headers(text),
            body: text,
          });
          if (answer.status !== 200) expectRefusal(answer);
          expect(answer.body).not.toContain('root:');
        }),
        { numRuns: 60 },
      );
    });

    it.skipIf(service.rest)('refuses a body of 17 MB and goes on answering', async () => {
      const body = 'a=b&'.repeat((17 * 1_024 * 1_024) / 4);
      const answer = await signedRequest(cloud, { service: name, headers: headers(body), body });
      expect([answer.status, codeOf(answer)]).toEqual([
        413,
        expect.stringContaining('RequestEntityTooLarge'),
      ]);
      expect((await plainRequest(cloud, { method: 'GET', target: '/_bake/health' })).status).toBe(200);
    });
  },
);
