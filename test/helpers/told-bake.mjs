// Stands where bake stands for a bot: says in events what its own file `answers.json` has for the command, and how it was called.
import { appendFileSync, existsSync, readFileSync, watch } from 'node:fs';

const [command, ...flags] = process.argv
  .slice(2)
  .filter((word) => !['--json', '-e'].includes(word))
  .slice(1);
const emit = (event) =>
  console.log(JSON.stringify({ time: new Date().toISOString(), run: 'run-7', ...event }));
const secrets = Object.keys(process.env).filter((name) => name.startsWith('SLACK_'));
appendFileSync(
  'calls.txt',
  `${[process.argv[process.argv.indexOf('-e') + 1], command, ...flags, ...secrets].join(' ')}\n`,
);

emit({
  type: 'run.started',
  command,
  project: 'shop',
  environment: 'production',
  cloud: 'aws',
  region: 'eu-central-1',
});
if (flags.includes('killed')) {
  emit({ type: 'step.started', step: 'rollback.plan', title: 'Planning the way back' });
  console.error('out of memory');
  process.kill(process.pid, 'SIGKILL');
}
if (flags.includes('slow') && !existsSync('go')) {
  await new Promise((resolve) => {
    const watcher = watch('.', () => existsSync('go') && resolve(watcher.close()));
  });
}
const { facts = {}, ...end } = JSON.parse(readFileSync('answers.json', 'utf8'))[command];
for (const [name, value] of Object.entries(facts)) emit({ type: 'fact', name, value });
emit({
  type: 'run.finished',
  ok: true,
  durationMs: 5,
  headline: `${command} done`,
  changed: [],
  next: [],
  ...end,
});
process.exitCode = end.ok === false ? 1 : 0;
