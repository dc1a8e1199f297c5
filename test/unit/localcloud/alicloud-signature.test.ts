import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { signAcs3 } from '../../../src/localcloud/wire/alicloud/acs3.ts';
import { callAlibaba } from '../../helpers/alicloud.ts';
import { startCloud, type TestCloud } from '../../helpers/cloud.ts';

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startCloud();
});
afterAll(() => cloud.close());

const ODD = "a*b'(c)!~+/= ü&x=y%20";

describe("Alibaba Cloud's own client", () => {
  test('is understood with odd characters in the query', async () => {
    const answer = await callAlibaba(cloud, 'sts', 'GetCallerIdentity', { Note: ODD });
    expect(answer).toMatchObject({ AccountId: '0000000000000000', RequestId: expect.any(String) });
  });

  test('is understood with odd characters in a form body', async () => {
    const answer = await callAlibaba(cloud, 'sts', 'GetCallerIdentity', { Note: ODD }, { body: true });
    expect(answer).toMatchObject({ IdentityType: 'Account' });
  });

  test('is refused with a wrong secret, by the code that the cloud has for it', async () => {
    const credentials = { ...cloud.credentials, secretAccessKey: 'x' };
    await expect(callAlibaba({ ...cloud, credentials }, 'sts', 'GetCallerIdentity')).rejects.toMatchObject({
      code: 'SignatureDoesNotMatch',
      statusCode: 400,
    });
  });

  test('is refused with an unknown key, and hears of an operation that does not exist', async () => {
    const credentials = { ...cloud.credentials, accessKeyId: 'LTAI5tNobody' };
    await expect(callAlibaba({ ...cloud, credentials }, 'sts', 'GetCallerIdentity')).rejects.toMatchObject({
      code: 'InvalidAccessKeyId.NotFound',
      statusCode: 404,
    });
    await expect(callAlibaba(cloud, 'sts', 'MakeCoffee')).rejects.toMatchObject({
      code: 'InvalidAction.NotFound',
      statusCode: 404,
    });
  });
});

/** A request signed by hand, so that one byte of it can be changed afterwards. */
async function ask(change: (sent: { query: string; body: string; headers: Record<string, string> }) => void) {
  const { accessKeyId, secretAccessKey } = cloud.credentials;
  const { createHash } = await import('node:crypto');
  const body = 'Content=hello';
  const headers: Record<string, string> = {
    host: new URL(cloud.endpoint).host,
    'content-type': 'application/x-www-form-urlencoded',
    'x-acs-action': 'GetCallerIdentity',
    'x-acs-version': '2015-04-01',
    'x-acs-date': new Date().toISOString().replace(/\.\d+/, ''),
    'x-acs-signature-nonce': 'n'.repeat(32),
    'x-acs-content-sha256': createHash('sha256').update(body).digest('hex'),
  };
  const query = 'RegionId=eu-central-1';
  const names = Object.keys(headers).sort();
  const signed = { method: 'POST', path: '/', query, headers, body: Buffer.from(body) };
  const signature = signAcs3(signed, names, secretAccessKey).toString('hex');
  const sent = { query, body, headers: { ...headers } };
  sent.headers.authorization = `ACS3-HMAC-SHA256 Credential=${accessKeyId},SignedHeaders=${names.join(';')},Signature=${signature}`;
  change(sent);
  return new Promise<{ status: number; body: string }>((resolve, reject) => {
    request(`${cloud.endpoint}/?${sent.query}`, { method: 'POST', headers: sent.headers }, (answer) => {
      text(answer).then((body) => resolve({ status: answer.statusCode!, body }), reject);
    })
      .once('error', reject)
      .end(sent.body);
  });
}

describe('a signed request', () => {
  test('passes as it is', async () => {
    expect(await ask(() => {})).toMatchObject({ status: 200 });
  });

  test.each<[string, Parameters<typeof ask>[0]]>([
    ['query', (sent) => Object.assign(sent, { query: 'RegionId=eu-centraL-1' })],
    ['body', (sent) => Object.assign(sent, { body: 'Content=hellO' })],
    ['action', ({ headers }) => Object.assign(headers, { 'x-acs-action': 'GetCallerIdentitY' })],
    ['nonce', ({ headers }) => Object.assign(headers, { 'x-acs-signature-nonce': `m${'n'.repeat(31)}` })],
    [
      'signature',
      ({ headers }) => Object.assign(headers, { authorization: flipped(headers.authorization!) }),
    ],
  ])('is refused with one byte of its %s changed', async (_, change) => {
    const answer = await ask(change);
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.body).Code).toBe('SignatureDoesNotMatch');
  });

  test('is refused when it is old', async () => {
    const answer = await ask((sent) => {
      sent.headers['x-acs-date'] = '2020-01-01T00:00:00Z';
    });
    expect(JSON.parse(answer.body).Code).toBe('InvalidTimeStamp.Expired');
  });
});

const flipped = (header: string) => header.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
