import { createHash, createHmac } from 'node:crypto';

/** What every program in an instance has in its environment. */
export interface Place {
  endpoint: string;
  region: string;
  metadata: string;
}

interface Credentials {
  AccessKeyId: string;
  SecretAccessKey: string;
  Token: string;
}

/** An answer that was no success: its code is the service's own, such as ResourceNotFoundException. */
export class Refused extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(`${code}: ${message}`);
    this.code = code;
  }
}

/**
 * A request to CloudWatch Logs, by the instance's own role. Throws `Refused`, or what `fetch` throws.
 * Source: AWS "Create a signed AWS API request".
 */
export async function askLogs(place: Place, operation: string, parameters: object): Promise<void> {
  const credentials = await roleCredentials(place.metadata);
  const url = new URL('/', place.endpoint);
  const body = JSON.stringify(parameters);
  const at = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const signed: Record<string, string> = {
    'content-type': 'application/x-amz-json-1.1',
    host: url.host,
    'x-amz-date': at,
    'x-amz-security-token': credentials.Token,
    'x-amz-target': `Logs_20140328.${operation}`,
  };
  const names = Object.keys(signed).join(';');
  const lines = Object.entries(signed).map(([name, value]) => `${name}:${value}`);
  const canonical = ['POST', '/', '', ...lines, '', names, sha256(body)].join('\n');
  const scope = [at.slice(0, 8), place.region, 'logs', 'aws4_request'];
  const key = scope.reduce(hmac, Buffer.from(`AWS4${credentials.SecretAccessKey}`));
  const signature = hmac(
    key,
    ['AWS4-HMAC-SHA256', at, scope.join('/'), sha256(canonical)].join('\n'),
  ).toString('hex');
  const authorization = `AWS4-HMAC-SHA256 Credential=${credentials.AccessKeyId}/${scope.join('/')}, SignedHeaders=${names}, Signature=${signature}`;
  const { host: _, ...headers } = signed;
  const answer = await fetch(url, { method: 'POST', headers: { ...headers, authorization }, body });
  const text = await answer.text();
  if (answer.ok) return;
  const { __type: type = String(answer.status), message = text } = text.startsWith('{')
    ? JSON.parse(text)
    : {};
  throw new Refused(String(type).split('#').at(-1) as string, message);
}

/** Of the instance profile, by IMDSv2. The service answers at once, so they are asked for every time and never too old. */
async function roleCredentials(metadata: string): Promise<Credentials> {
  const token = await ask(`${metadata}/latest/api/token`, 'PUT', {
    'x-aws-ec2-metadata-token-ttl-seconds': '60',
  });
  const headers = { 'x-aws-ec2-metadata-token': token };
  const roles = `${metadata}/latest/meta-data/iam/security-credentials/`;
  const [role] = (await ask(roles, 'GET', headers)).split('\n');
  return JSON.parse(await ask(`${roles}${role}`, 'GET', headers)) as Credentials;
}

async function ask(url: string, method: string, headers: Record<string, string>): Promise<string> {
  const answer = await fetch(url, { method, headers });
  if (!answer.ok)
    throw new Refused(
      String(answer.status),
      `instance metadata ${new URL(url).pathname}: no instance profile?`,
    );
  return answer.text();
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const hmac = (key: Buffer, text: string) => createHmac('sha256', key).update(text).digest();
