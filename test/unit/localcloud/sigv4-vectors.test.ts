import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ServiceError } from '../../../src/localcloud/engine/errors.ts';
import { readSignature, type SignedRequest, verifySignature } from '../../../src/localcloud/wire/sigv4.ts';

const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
const NOW = Date.UTC(2015, 7, 30, 12, 36);

function vector(
  signature: string,
  more: Partial<SignedRequest> & { extra?: Record<string, string> } = {},
): SignedRequest {
  const headers: Record<string, string> = {
    host: 'example.amazonaws.com',
    'x-amz-date': '20150830T123600Z',
    ...more.extra,
  };
  const names = Object.keys(headers).sort().join(';');
  headers.authorization = `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=${names}, Signature=${signature}`;
  return { method: 'GET', path: '/', query: '', body: Buffer.from(''), ...more, headers };
}

const verify = (request: SignedRequest, now = NOW) =>
  verifySignature(request, readSignature(request.headers), SECRET, now);

const ALNUM = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** Requests and signatures of the signing test suite that AWS publishes (awslabs/aws-c-auth, v4). */
const VECTORS: Record<string, SignedRequest> = {
  'get-relative-relative-normalized': vector(
    '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
    { path: '/example1/example2/../..' },
  ),
  'get-slashes-normalized': vector('9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84', {
    path: '//example//',
  }),
  'get-slash-pointless-dot-normalized': vector(
    'ef75d96142cf21edca26f06005da7988e4f8dc83a165a80865db7089db637ec5',
    { path: '/./example' },
  ),
  'get-space-normalized': vector('652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741', {
    path: '/example space/',
  }),
  'get-vanilla-query-unreserved': vector('9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197', {
    query: `-._~${ALNUM}=-._~${ALNUM}`,
  }),
  'get-vanilla-query-order-encoded': vector(
    '371d3713e185cc334048618a97f809c9ffe339c62934c032af5a0e595648fcac',
    { query: 'Param-3=Value3&Param=Value2&%E1%88%B4=Value1' },
  ),
  'get-vanilla-utf8-query': vector('2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04', {
    query: '\u1234=bar',
  }),
  'get-header-key-duplicate': vector('c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea', {
    extra: { 'my-header1': 'value2,value2,value1' },
  }),
  'get-header-value-trim': vector('acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736', {
    extra: { 'my-header1': ' value1', 'my-header2': ' "a   b   c"' },
  }),
  'get-vanilla-with-session-token': vector(
    '07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8',
    {
      extra: {
        'x-amz-security-token': '6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267',
      },
    },
  ),
  'post-x-www-form-urlencoded': vector('d3875051da38690788ef43de4db0d8f280229d82040bfac253562e56c3f20e0b', {
    method: 'POST',
    body: Buffer.from('Param1=value1'),
    extra: {
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': '13',
      'x-amz-content-sha256': '9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e',
    },
  }),
};

describe('Signature Version 4', () => {
  it.each(Object.entries(VECTORS))("AWS's own test vector %s is accepted", (_, request) => {
    verify(request);
  });

  it('one changed byte anywhere is refused', () => {
    const request = VECTORS['post-x-www-form-urlencoded'] as SignedRequest;
    const whole: SignedRequest = { ...request, path: '/', query: '' };
    const parts = ['method', 'path', 'query', 'body', 'host', 'x-amz-date', 'content-type', 'signature'];
    fc.assert(
      fc.property(
        fc.constantFrom(...parts),
        fc.nat(),
        fc.integer({ min: 33, max: 126 }),
        (part, at, code) => {
          const change = (text: string) => {
            const index = at % Math.max(1, text.length);
            return text.slice(0, index) + String.fromCharCode(code) + text.slice(index + 1);
          };
          const changed: SignedRequest = { ...whole, headers: { ...whole.headers } };
          if (part === 'method' || part === 'path' || part === 'query') changed[part] = change(whole[part]);
          else if (part === 'body') changed.body = Buffer.from(change(String(whole.body)));
          else if (part === 'signature') {
            const [rest, signature] = String(whole.headers.authorization).split(/(?<=Signature=)/);
            changed.headers.authorization = rest + change(signature as string);
          } else changed.headers[part] = change(String(whole.headers[part]));
          // `.` is `/` once redundant parts are removed.
          fc.pre(JSON.stringify(changed) !== JSON.stringify(whole) && changed.path !== '.');
          try {
            verify(changed);
          } catch (error) {
            expect(error).toBeInstanceOf(ServiceError);
            return;
          }
          throw new Error(`accepted: ${JSON.stringify(changed)}`);
        },
      ),
      { numRuns: 400 },
    );
  });

  it('a date five minutes off is refused, either way', () => {
    const request = VECTORS['get-slashes-normalized'] as SignedRequest;
    verify(request, NOW + 300_000);
    for (const off of [300_001, -300_001])
      expect(() => verify(request, NOW + off)).toThrow(expect.objectContaining({ code: 'RequestExpired' }));
  });

  it.each([
    ['nothing', undefined, 'MissingAuthenticationToken'],
    ['another scheme', 'Basic eDp5', 'IncompleteSignature'],
    ['a version 2 signature', 'AWS AKID:abc=', 'IncompleteSignature'],
  ])('%s instead of a signature is refused', (_, authorization, code) => {
    expect(() => readSignature({ authorization })).toThrow(expect.objectContaining({ code }));
  });

  it('the host, and every x-amz header there is, must be signed', () => {
    const request = VECTORS['get-slashes-normalized'] as SignedRequest;
    const headers = { ...request.headers, 'x-amz-target': 'AmazonSSM.SendCommand' };
    expect(() => verify({ ...request, headers })).toThrow('x-amz-target header must be signed');
  });
});
