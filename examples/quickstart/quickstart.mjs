// The main job, end to end, on the embedded local cloud: needs no account and leaves this checkout as it was.
// It works in `.bake/quickstart`, a copy of this example; every command it runs is printed, so that you can type it.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CreateQueueCommand, GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

const root = fileURLToPath(new URL('../..', import.meta.url));
const example = fileURLToPath(new URL('.', import.meta.url));
const workspace = join(root, '.bake', 'quickstart');
/** As a person would type it. */
const at = relative(process.cwd(), workspace);
const startedAt = Date.now();

title('A workspace and an empty local cloud');
mkdirSync(workspace, { recursive: true });
bake('local', 'reset');
rmSync(workspace, { recursive: true, force: true });
execFileSync(process.execPath, [join(example, 'dependencies/bundle.mjs')], { stdio: 'inherit' });
cpSync(example, workspace, { recursive: true });
// Waits that the configuration asks for (warmup, the pause at a checkpoint) are ten times shorter here than on AWS.
bake('local', 'start', '--speed', '10');

title('Release 1: three layers are built');
bake('build', '--local');

title('A queue, its dead-letter queue, and a fleet of three workers');
await createQueues();
bake('fleet', 'apply', '--local');

title('The application changes; release 2 builds only its layer');
changeApplication();
bake('build', '--local');

title('Release 2 is rolled out: a checkpoint after the first instance, smoke tests there and at the end');
bake('rollout', '--strategy', 'rolling', '--local');

title(`Done in ${Math.round((Date.now() - startedAt) / 1000)} s. Look around`);
console.log(`  npx bake status --local -C ${at}          what runs where
  npx bake local logs -C ${at}              what the local cloud did
  npx bake smoke --local -C ${at}           send a test message again
  eval "$(npx bake local env -C ${at})"     point any AWS client at it: aws sqs list-queues
  npx bake local stop -C ${at}              end it (its state stays)`);

function bake(...args) {
  console.log(`\n$ npx bake -C ${at} ${args.join(' ')}`);
  const { status } = spawnSync(process.execPath, [join(root, 'dist/cli.js'), '-C', at, ...args], {
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(status ?? 1);
}

function title(text) {
  console.log(`\n── ${text} ${'─'.repeat(Math.max(0, 100 - text.length))}`);
}

/** Queues are the application's own infrastructure, made by whatever tool you use: here the AWS SDK. */
async function createQueues() {
  const cloud = JSON.parse(
    execFileSync(process.execPath, [join(root, 'dist/cli.js'), '-C', workspace, 'local', 'start', '--json']),
  );
  const sqs = new SQSClient({ endpoint: cloud.endpoint, region: cloud.region, credentials: cloud });
  const { QueueUrl: deadLetters } = await sqs.send(
    new CreateQueueCommand({ QueueName: 'quickstart-jobs-dead' }),
  );
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: deadLetters, AttributeNames: ['QueueArn'] }),
  );
  const redrive = JSON.stringify({ deadLetterTargetArn: Attributes.QueueArn, maxReceiveCount: 3 });
  await sqs.send(
    new CreateQueueCommand({
      QueueName: 'quickstart-jobs',
      Attributes: { VisibilityTimeout: '30', RedrivePolicy: redrive },
    }),
  );
  console.log('queue quickstart-jobs, with dead-letter queue quickstart-jobs-dead');
}

function changeApplication() {
  const file = join(workspace, 'worker/work.mjs');
  const changed = readFileSync(file, 'utf8').replace(
    'return { words };',
    'return { words, characters: text.length };',
  );
  writeFileSync(file, changed);
  console.log('worker/work.mjs: the result now counts characters, too');
}
