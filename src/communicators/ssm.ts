import type { Cloud } from '../clouds/cloud.ts';
import type { Clock } from '../run/clock.ts';
import { BakeError } from '../run/errors.ts';
import { quote } from './job.ts';
import { BY_COMMANDS, BY_FILE } from './limits.ts';
import { type Asking, type Cargo, execute, type Transport } from './transport.ts';

/** Bytes that one command carries: with base64 and the script around it below the 64 KB of AWS: SendCommand Parameters. */
const CHUNK = 44_000;
/** Above this many bytes a staging bucket is faster than commands, where there is one. */
const STAGE_ABOVE = 8 * CHUNK;
/** A machine has this long to fetch what was staged for it. Milliseconds. */
const STAGED_FOR = 3_600_000;
/** Commands of one upload that are under way at the same time. */
const PARALLEL = 4;

/** Each time is a call, and calls per second are limited for the whole account. */
const ASKING: Asking = { first: 500, longest: 10_000, news: 1_000, newsLater: 8_000 };
/** The local cloud is as near as can be. */
const ASKING_HERE: Asking = { ...ASKING, first: 60, longest: 400, newsLater: 1_000 };

export interface SsmOptions {
  cloud: Cloud;
  instanceId: string;
  clock: Clock;
  /** Bucket and key prefix for what is too much for commands. */
  staging?: { bucket: string; prefix: string };
}

/** Through the cloud's command service (AWS: SSM Run Command): no open port and no key. */
export function ssmTransport(options: SsmOptions): Transport {
  const { cloud, instanceId, clock, staging } = options;
  /** By way of a bucket: the machine gets a URL that opens this one object for an hour. */
  async function stage(
    { bucket, prefix }: NonNullable<SsmOptions['staging']>,
    name: string,
    bytes: Buffer,
  ): Promise<Cargo> {
    const key = `${prefix}${name}`;
    const url = await cloud.staging.put({ bucket, key, bytes, ttl: STAGED_FOR });
    const release = () => cloud.staging.remove(bucket, key);
    return { fetch: `curl -fsS --retry 3 ${quote(url)}`, release };
  }

  const transport: Transport = {
    asking: cloud.local ? ASKING_HERE : ASKING,
    // AWS: Systems Manager shows a command's parameters for 30 days.
    recorded: true,
    limit: staging ? BY_FILE : BY_COMMANDS,
    hint: 'On AWS the builder needs an instance profile with AmazonSSMManagedInstanceCore, a way to the SSM endpoints, and the agent in its base image.',
    reach: async () =>
      (await cloud.commands.reachable(instanceId))
        ? { ready: true }
        : { ready: false, state: 'its agent does not answer yet' },
    send: (script, { timeout, name }) =>
      cloud.commands.send(instanceId, script, { timeout, comment: `bake: ${name}`.slice(0, 100) }),
    result: (commandId) => cloud.commands.result(instanceId, commandId),
    async carry(directory, bytes, signal) {
      if (bytes.length <= CHUNK) return { fetch: `printf %s ${bytes.toString('base64')} | base64 -d` };
      if (staging && bytes.length > STAGE_ABOVE)
        return await stage(staging, directory.replace(/^.*\//, ''), bytes);
      const parts = `${directory}.parts`;
      const chunks = Array.from({ length: Math.ceil(bytes.length / CHUNK) }, (_, index) => index);
      const send = async () => {
        for (let index = chunks.shift(); index !== undefined; index = chunks.shift()) {
          const data = bytes.subarray(index * CHUNK, (index + 1) * CHUNK).toString('base64');
          const part = `${parts}/${String(index).padStart(6, '0')}`;
          // Written under another name first: the same part sent twice is still whole.
          const script = `#!/bin/sh\nset -e\numask 077\nmkdir -p ${parts}\nprintf %s ${data} | base64 -d >${part}.$$\nmv ${part}.$$ ${part}\n`;
          const result = await execute(transport, clock, script, signal);
          if (result.state !== 'success') {
            throw new BakeError(`could not copy to ${instanceId}: ${result.stderr.trim() || result.state}`);
          }
        }
      };
      await Promise.all(Array.from({ length: PARALLEL }, send));
      return { fetch: `{ cat ${parts}/* && rm -rf ${parts}; }` };
    },
    close() {},
  };
  return transport;
}
