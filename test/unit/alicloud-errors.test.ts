import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { Connection } from '../../src/clouds/alicloud/connection.ts';
import { explain } from '../../src/clouds/alicloud/errors.ts';
import { BakeError } from '../../src/run/errors.ts';

const SECRET = 'c2VjcmV0LXZhbHVl';
const KEY = 'key-of-the-test';

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** Everything that somebody could be shown of an error. */
function allOf(error: unknown): string {
  const parts: string[] = [];
  for (let at: unknown = error; at instanceof Error; at = at.cause)
    parts.push(at.message, at.stack ?? '', JSON.stringify(at, Object.getOwnPropertyNames(at)));
  return parts.join('\n');
}

/** A time of its own: nobody waits for a second attempt. */
const clock = () => {
  let now = Date.now();
  return {
    now: () => now,
    async sleep(ms: number) {
      now += ms;
    },
  };
};

async function refused(answer: Parameters<typeof createServer>[1]): Promise<unknown> {
  server = createServer({ maxHeaderSize: 65_536 }, answer as never);
  await new Promise<void>((resolve) => void server!.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const credentials = { accessKeyId: 'AK', secretAccessKey: KEY };
  const connection = new Connection({ region: 'r', endpoint, credentials, local: true, clock: clock() });
  const query = { UserData: SECRET, Password: SECRET, CommandContent: SECRET };
  return connection.call('ecs', 'RunInstances', query).then(
    () => undefined,
    (error: unknown) => error,
  );
}

const json = (status: number, Code: string, Message: string) =>
  ((_: unknown, response: { writeHead(status: number, headers: object): { end(text: string): void } }) =>
    response
      .writeHead(status, { 'content-type': 'application/json' })
      .end(JSON.stringify({ RequestId: '1', Code, Message }))) as never;

it.each<[string, Parameters<typeof createServer>[1]]>([
  ['a broken connection', ((request: { socket: { destroy(): void } }) => request.socket.destroy()) as never],
  ['a refusal', json(403, 'Forbidden.RAM', 'User not authorized.')],
  [
    'a bad parameter',
    json(400, 'InvalidParameter', `http://x/?UserData=${SECRET}&Password=${SECRET} is bad`),
  ],
  ['throttling', json(400, 'Throttling.User', 'Request was denied due to user flow control.')],
  [
    'a page in place of an answer',
    ((request: { url: string }, response: { writeHead(status: number): { end(text: string): void } }) =>
      response.writeHead(414).end(`<html>${request.url}</html>`)) as never,
  ],
])('an error of %s shows no value of the request and no key', async (_, answer) => {
  const error = await refused(answer);
  expect(error).toBeInstanceOf(BakeError);
  expect(allOf(error)).not.toContain(SECRET);
  expect(allOf(error)).not.toContain(KEY);
});

it('a time-out, whose own words are the whole URL, says where nothing answered', () => {
  const url = `http://ecs.example/?Action=RunInstances&UserData=${SECRET}`;
  const error = Object.assign(new Error(`ReadTimeout(30000). POST ${url} failed.`), {
    name: 'RequestTimeoutError',
  });
  const at = { product: 'ecs', action: 'RunInstances', region: 'r', endpoint: 'ecs.example', local: false };
  const told = explain(error, at);
  expect(told.message).toBe('cannot reach ecs.example (RequestTimeoutError)');
  expect(allOf(told)).not.toContain(SECRET);
});

it('a signature that comes too late is the clock’s fault, not that of credentials that have expired', () => {
  const at = { product: 'ecs', action: 'RunInstances', region: 'r', endpoint: 'ecs.example', local: false };
  const failed = (code: string) =>
    explain(Object.assign(new Error('refused'), { code, statusCode: 400 }), at);
  expect(failed('InvalidTimeStamp.Expired')).toMatchObject({
    message: 'Alibaba Cloud does not accept these credentials (ecs: InvalidTimeStamp.Expired)',
    hint: expect.stringContaining('the clock of this machine'),
  });
  expect(failed('InvalidSecurityToken.Expired').message).toBe('the Alibaba Cloud credentials have expired');
});
