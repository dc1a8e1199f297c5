import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { parseCommand } from '../../src/chat/command.ts';
import { clip, codeBlock, escapeText } from '../../src/slack/text.ts';
import { repository } from '../helpers/cli.ts';
import { METHODS } from '../helpers/slack-api.ts';

test.each([
  ['', { kind: 'help' }],
  ['<@U0BAKEBOT>', { kind: 'help' }],
  ['<@U0BAKEBOT> Help', { kind: 'help' }],
  ['deploy production', { kind: 'deploy', environment: 'production' }],
  ['  DEPLOY   production  ', { kind: 'deploy', environment: 'production' }],
  ['`deploy` *production*', { kind: 'deploy', environment: 'production' }],
  ['status', { kind: 'status', environment: undefined }],
  ['rollback production', { kind: 'rollback', environment: 'production', release: undefined }],
  ['rollback production to v41', { kind: 'rollback', environment: 'production', release: 'v41' }],
  ['rollback to v41', { kind: 'rollback', environment: undefined, release: 'v41' }],
  [
    'rollback production to <http://v1.2.io|v1.2.io>',
    { kind: 'rollback', environment: 'production', release: 'v1.2.io' },
  ],
  ['cutover production', { kind: 'cutover', environment: 'production', emergency: false }],
  ['cutover production emergency', { kind: 'cutover', environment: 'production', emergency: true }],
  ['cutover emergency', { kind: 'cutover', environment: undefined, emergency: true }],
])('%j is understood', (text, command) => {
  expect(parseCommand(text)).toEqual(command);
});

test.each([
  'deploy production now',
  'deploy --help',
  'rollback a b',
  'rollback production to',
  'rollback p to -x',
  'status ;rm',
  'cutover a b',
])('%j is not guessed at: nothing is done that was not said', (text) => {
  expect(parseCommand(text)).toEqual({ kind: 'unclear' });
});

test('a word that is nearly one is asked back', () => {
  expect(parseCommand('rolback production')).toEqual({ kind: 'unclear', near: 'rollback' });
});

test('text stays what it is: no mention, no link, no broken character, never longer than Slack takes', () => {
  expect(escapeText('<!channel> & <@U1>')).toBe('&lt;!channel&gt; &amp; &lt;@U1&gt;');
  expect(clip(`${'x'.repeat(7)}&amp;`, 11)).toBe(`${'x'.repeat(7)}…`);
  const block = codeBlock(Array.from({ length: 500 }, (_, line) => `${line} \`\`\` <line>`));
  expect(block.length).toBeLessThanOrEqual(3_000);
  expect(block).toMatch(/^```\n…\n[^`]*499 ''' &lt;line&gt;\n```$/);
});

test('the manifest that docs/chat.md gives asks for every scope that is needed, and for no other', () => {
  const page = readFileSync(join(repository, 'docs/chat.md'), 'utf8');
  const manifests = [...page.matchAll(/^ {3}```yaml\n(.*?)^ {3}```$/gms)].map(([, text]) => parse(text!));
  const [manifest] = manifests;
  const called = Object.values(METHODS).flatMap(({ token, scope }) =>
    token === 'bot' && scope ? [scope] : [],
  );
  const heard = ['app_mentions:read', 'commands'];
  expect([...manifest.oauth_config.scopes.bot].sort()).toEqual([...new Set([...called, ...heard])].sort());
  expect(manifest.settings).toMatchObject({ interactivity: { is_enabled: true }, socket_mode_enabled: true });
});
