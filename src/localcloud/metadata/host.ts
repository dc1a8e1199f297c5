import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { instances } from '../engine/ec2/instances.ts';
import type { Engine, MetadataHost } from '../engine/engine.ts';
import { makeToken, tokenHolds, tokenTtl } from './tokens.ts';
import { metadataTree, type Node } from './tree.ts';

/** What must outlive a restart of the daemon: the address that the instance was told, and what its tokens are sealed with. */
interface MetadataRecord {
  port: number;
  secret: string;
}

interface Reply {
  status: number;
  body: string | Buffer;
  headers?: Record<string, string>;
}

const fail = (status: number, body = ''): Reply => ({ status, body });

/** The instance metadata service: one listener per instance, on the instance's own address. */
export function createMetadataHost(engine: Engine): MetadataHost {
  const records = engine.store.table<MetadataRecord>('metadataHosts');
  const servers = new Map<string, Server>();
  return {
    async open(instanceId, address) {
      const record = records.get(instanceId) ?? { port: 0, secret: engine.ids.hex(32) };
      let server = servers.get(instanceId);
      if (!server) {
        server = createServer((request, response) => {
          send(
            response,
            safely(() => answer(engine, instanceId, record.secret, request)),
          );
        });
        servers.set(instanceId, server);
        await listen(server, address, record.port);
      }
      const { port } = server.address() as AddressInfo;
      if (records.get(instanceId)?.port !== port) records.put(instanceId, { ...record, port });
      return `http://${address}:${port}`;
    },
    async close(instanceId) {
      const server = servers.get(instanceId);
      servers.delete(instanceId);
      records.delete(instanceId);
      if (!server) return;
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** On the port of before, where the instance looks; on any other one when somebody has taken that. */
async function listen(server: Server, address: string, port: number): Promise<void> {
  server.unref();
  server.listen(port, address);
  try {
    await once(server, 'listening');
  } catch (error) {
    if (port === 0) throw error;
    server.listen(0, address);
    await once(server, 'listening');
  }
}

/** A path that is no URL is the caller's mistake. */
function safely(work: () => Reply): Reply {
  try {
    return work();
  } catch (error) {
    return fail(error instanceof URIError || error instanceof TypeError ? 400 : 500, String(error));
  }
}

function answer(engine: Engine, instanceId: string, secret: string, request: IncomingMessage): Reply {
  const path = new URL(request.url ?? '/', 'http://imds').pathname;
  const header = (name: string) => request.headers[name] as string | undefined;
  const now = engine.clock.now();

  if (/^\/[^/]+\/api\/token\/?$/.test(path)) {
    if (request.method !== 'PUT') return fail(405);
    // Through a proxy the hop limit would not protect the token: EC2 refuses.
    if (header('x-forwarded-for') !== undefined) return fail(403);
    const seconds = tokenTtl(header('x-aws-ec2-metadata-token-ttl-seconds'));
    if (seconds === undefined) return fail(400);
    const token = makeToken(secret, now + seconds * 1_000);
    return {
      status: 200,
      body: token,
      headers: { 'x-aws-ec2-metadata-token-ttl-seconds': String(seconds) },
    };
  }

  if (request.method !== 'GET' && request.method !== 'HEAD') return fail(405);
  const token = header('x-aws-ec2-metadata-token');
  const required = instances(engine).get(instanceId)?.metadataOptions.httpTokens !== 'optional';
  if (token === undefined ? required : !tokenHolds(secret, token, now)) return fail(401);
  const tree = metadataTree(engine, instanceId);
  return tree ? lookUp(tree, path) : fail(404);
}

function lookUp(tree: Record<string, Node>, path: string): Reply {
  const [version = '', ...names] = path.split('/').slice(1);
  if (version === '') return { status: 200, body: 'latest' };
  if (!/^(latest|1\.0|\d{4}-\d{2}-\d{2})$/.test(version)) return fail(404);
  let node: Node = tree;
  for (const name of names.map(decodeURIComponent)) {
    if (name === '') continue;
    if (!isDirectory(node) || !Object.hasOwn(node, name)) return fail(404);
    node = node[name] as Node;
  }
  if (typeof node === 'function') return { status: 200, body: node() };
  return { status: 200, body: isDirectory(node) ? list(node, names) : node };
}

/** Directories end in a slash; keys are listed with their names (`0=my-key`), tags and roles as they are. */
function list(directory: Record<string, Node>, path: string[]): string {
  const inKeys = path.filter(Boolean).at(-1) === 'public-keys';
  return Object.entries(directory)
    .map(([name, node]) => {
      if (inKeys) return `${name}=${keyNameOf(node)}`;
      return isDirectory(node) ? `${name}/` : name;
    })
    .join('\n');
}

const isDirectory = (node: Node): node is Record<string, Node> =>
  typeof node === 'object' && !Buffer.isBuffer(node);

/** The comment of an OpenSSH public key. */
const keyNameOf = (node: Node) =>
  isDirectory(node) ? String(node['openssh-key']).split(' ').slice(2).join(' ') : '';

function send(response: ServerResponse, { status, body, headers }: Reply): void {
  response.writeHead(status, {
    'content-type': 'text/plain',
    'content-length': Buffer.byteLength(body),
    server: 'EC2ws',
    ...headers,
  });
  response.end(body);
}
