// Stands in for the CloudWatch agent, which instances of the local cloud cannot download: sends the log files that the agent's own
// configuration names, by the instance's role. Collects no metrics.
import { setTimeout as pause } from 'node:timers/promises';
import { readSettings } from '../settings.ts';
import { followLines } from './follow.ts';
import { askLogs, type Place, Refused } from './requests.ts';
import { type Collected, readCollected } from './settings.ts';

/** After a failure; the real agent, too, keeps what it could not send and tries again. */
const RETRY_MS = 1_000;
/** CloudWatch Logs: a batch holds 10,000 events and 1 MiB at most. */
const MOST_EVENTS = 1_000;

const { AWS_ENDPOINT_URL = '', AWS_REGION = '', AWS_EC2_METADATA_SERVICE_ENDPOINT = '' } = process.env;
const place: Place = {
  endpoint: AWS_ENDPOINT_URL,
  region: AWS_REGION,
  metadata: AWS_EC2_METADATA_SERVICE_ENDPOINT.replace(/\/$/, ''),
};

function send({ file, group, stream }: Collected): void {
  const names = { logGroupName: group, logStreamName: stream };
  const waiting: { timestamp: number; message: string }[] = [];
  let sending = false;
  const tell = (error: unknown) => {
    console.error(`${file}: ${(error as Error).message}`);
    return pause(RETRY_MS);
  };
  const drain = async () => {
    if (sending) return;
    sending = true;
    while (waiting.length > 0) {
      const logEvents = waiting.slice(0, MOST_EVENTS);
      try {
        await askLogs(place, 'PutLogEvents', { ...names, logEvents });
        waiting.splice(0, logEvents.length);
      } catch (error) {
        const missing = error instanceof Refused && error.code === 'ResourceNotFoundException';
        await (missing ? make() : tell(error));
      }
    }
    sending = false;
  };
  /** Another instance may have made the group; who may not make groups finds one that is there. */
  const make = async () => {
    await askLogs(place, 'CreateLogGroup', { logGroupName: group }).catch(() => {});
    await askLogs(place, 'CreateLogStream', names).catch((error: unknown) => {
      if (!(error instanceof Refused) || error.code !== 'ResourceAlreadyExistsException') return tell(error);
    });
  };
  followLines(file, (lines) => {
    waiting.push(...lines.map((message) => ({ timestamp: Date.now(), message })));
    void drain();
  });
}

const collected = readCollected(readSettings());
for (const each of collected) send(each);
console.log(`sending ${collected.map(({ file }) => file).join(', ') || 'nothing'}`);
