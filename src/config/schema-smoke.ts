import { z } from 'zod';
import { durationDefault } from './values.ts';

function isPattern(text: string): boolean {
  try {
    return Boolean(new RegExp(text.replaceAll('${smoke.release}', '')));
  } catch {
    return false;
  }
}

export const smokeSchema = z.strictObject({
  sqs: z
    .strictObject({
      queue: z.string().describe('Name or URL of the queue that the fleet works from.'),
      message: z
        .string()
        .describe(
          'Body of the test message. ${smoke.id} is replaced by its unique mark, which the worker has to log.',
        ),
      logGroup: z
        .string()
        .describe(
          'CloudWatch Logs group where workers log the mark; the stream name must contain the instance id.',
        ),
      timeout: durationDefault('2m').describe(
        'How long until an instance of the new release must have processed a test message.',
      ),
      resendEvery: durationDefault('5s').describe(
        'While old and new instances share the queue an old one may take the message: another is sent after this time.',
      ),
      answers: z
        .int()
        .min(1)
        .max(100)
        .default(1)
        .describe('So many test messages must have been processed by instances of the new release.'),
      tolerateDeadLetters: z
        .int()
        .min(0)
        .default(0)
        .describe(
          'So many new messages in the dead-letter queue are accepted, for a queue that gets bad messages all the time. Test messages never.',
        ),
    })
    .optional()
    .describe('Sends a marked message and proves which instance processed it.'),
  logs: z
    .strictObject({
      group: z
        .string()
        .describe('CloudWatch Logs group of the workers; stream names must contain the instance id.'),
      errorPattern: z
        .string()
        .default('?ERROR ?Error ?Traceback ?FATAL')
        .describe('Filter pattern (CloudWatch Logs) of an error.'),
      tolerated: z.int().min(0).default(0).describe('This many matching lines are accepted.'),
      compare: z
        .boolean()
        .default(false)
        .describe(
          'More lines than tolerated fail the test only when their rate is significantly above that of the old release in the same minutes (of the ten minutes before the rollout where none of its instances is left).',
        ),
      settle: durationDefault('10s').describe(
        'How long to watch before saying that there were none (logs arrive late).',
      ),
    })
    .optional()
    .describe('Looks for errors in the log streams of the new instances only, since the rollout began.'),
  http: z
    .array(
      z.strictObject({
        path: z
          .string()
          .regex(/^\/[!-~]*$/, 'a path such as /health, without spaces')
          .default('/health')
          .describe('Path to ask for.'),
        port: z
          .int()
          .min(1)
          .max(65535)
          .optional()
          .describe('Port of the instance. Default: that of the target group, else 80.'),
        through: z
          .enum(['instance', 'load-balancer'])
          .default('instance')
          .describe(
            'Ask each new instance (from itself, so that no port has to be open), or the load balancer in front of the fleet.',
          ),
        host: z
          .string()
          .regex(/^[A-Za-z0-9.-]+(:\d+)?$/, 'a host name')
          .optional()
          .describe('Host header of the request; with HTTPS also the name that the certificate is for.'),
        status: z.int().min(100).max(599).default(200).describe('Status that the answer must have.'),
        body: z
          .string()
          .refine(isPattern, 'a regular expression')
          .optional()
          .describe(
            'Regular expression that the body must match. ${smoke.release} is replaced by the release: through a load balancer it tells the new one from the old.',
          ),
        timeout: durationDefault('1m').describe('How long until every asked instance must have answered so.'),
      }),
    )
    .default([])
    .describe('Requests that the new release must answer.'),
  commands: z
    .array(
      z.strictObject({
        run: z
          .string()
          .min(1)
          .describe(
            'Script for bash, run as root with BAKE_RELEASE; exit code 0 means that the instance is well.',
          ),
        timeout: durationDefault('1m').describe('How long it may take, with repetitions while it fails.'),
      }),
    )
    .default([])
    .describe('Commands run on each new instance.'),
});
