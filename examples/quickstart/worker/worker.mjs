// Receives messages from a queue, works on them one at a time, and says so in CloudWatch Logs.
// On SIGTERM it finishes the message in hand before it ends; one it has not begun stays in the queue.
import { readFile } from 'node:fs/promises';
import {
  DeleteMessageCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '../dependencies/aws.mjs';
import { openLog } from './log.mjs';
import { instanceId } from './metadata.mjs';
import { work } from './work.mjs';

const { QUEUE_NAME, LOG_GROUP } = process.env;
const release = /^BAKE_RELEASE=(.*)$/m.exec(await readFile('/etc/bake-release', 'utf8'))?.[1] ?? 'unknown';
const instance = await instanceId();
const log = await openLog(LOG_GROUP, `worker/${instance}`, { instance, release });

const stopping = new AbortController();
process.once('SIGTERM', () => stopping.abort());

const sqs = new SQSClient({});
const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: QUEUE_NAME }));
await log.info('started');

while (!stopping.signal.aborted) {
  const message = await receive();
  if (message) await handle(message);
}
await log.info('stopped');

async function receive() {
  try {
    const answer = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }), {
      abortSignal: stopping.signal,
    });
    return answer.Messages?.[0];
  } catch (error) {
    if (stopping.signal.aborted) return undefined;
    throw error;
  }
}

/** A message that fails is not deleted: it comes back after the visibility timeout, and in the end to the dead-letter queue. */
async function handle({ MessageId, Body, ReceiptHandle }) {
  try {
    const job = JSON.parse(Body);
    const result = work(job);
    await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    await log.info('done', { job: job.job, result });
  } catch (error) {
    await log.error('failed', { messageId: MessageId, error: error.message });
  }
}
