// Makes test/helpers/github-api.json: of GitHub's published OpenAPI description, the operations that bake uses.
// Usage: node scripts/github-api.mjs DIRECTORY, where DIRECTORY is the unpacked npm package @octokit/openapi. The package is
// no dependency: it has 385 MB.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const OPERATIONS = {
  '/user': ['get'],
  '/users/{username}': ['get'],
  '/repos/{owner}/{repo}': ['get'],
  '/repos/{owner}/{repo}/branches/{branch}': ['get'],
  '/repos/{owner}/{repo}/git/ref/{ref}': ['get'],
  '/repos/{owner}/{repo}/git/refs': ['post'],
  '/repos/{owner}/{repo}/git/refs/{ref}': ['patch'],
  '/repos/{owner}/{repo}/compare/{basehead}': ['get'],
  '/repos/{owner}/{repo}/commits': ['get'],
  '/repos/{owner}/{repo}/commits/{commit_sha}/pulls': ['get'],
  '/repos/{owner}/{repo}/commits/{ref}/statuses': ['get'],
  '/repos/{owner}/{repo}/statuses/{sha}': ['post'],
  '/repos/{owner}/{repo}/pulls': ['get', 'post'],
  '/repos/{owner}/{repo}/pulls/{pull_number}': ['get', 'patch'],
  '/repos/{owner}/{repo}/pulls/{pull_number}/commits': ['get'],
  '/repos/{owner}/{repo}/pulls/{pull_number}/files': ['get'],
  '/repos/{owner}/{repo}/pulls/{pull_number}/merge': ['put'],
  '/repos/{owner}/{repo}/issues/{issue_number}/comments': ['get', 'post'],
  '/repos/{owner}/{repo}/issues/comments/{comment_id}': ['patch'],
  '/repos/{owner}/{repo}/deployments': ['get', 'post'],
  '/repos/{owner}/{repo}/deployments/{deployment_id}/statuses': ['get', 'post'],
  '/repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches': ['post'],
};
/** What is for readers: it does not say what is valid. */
const PROSE = new Set(['description', 'summary', 'examples', 'example', 'externalDocs', 'tags', 'title']);

const [directory] = process.argv.slice(2);
if (!directory)
  throw new Error(
    'usage: node scripts/github-api.mjs DIRECTORY   # the unpacked npm package @octokit/openapi',
  );
const { name, version } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
const api = JSON.parse(readFileSync(join(directory, 'generated/api.github.com.json'), 'utf8'));

const paths = {};
for (const [path, methods] of Object.entries(OPERATIONS)) {
  const published = api.paths[path];
  paths[path] = Object.fromEntries(methods.map((method) => [method, operation(published[method])]));
}
/** What an operation refers to, and what that refers to. */
const components = {};
for (const waiting = refsIn(paths); waiting.length > 0; ) {
  const [, , kind, key] = waiting.pop().split('/');
  components[kind] ??= {};
  if (components[kind][key]) continue;
  components[kind][key] = withoutProse(api.components[kind][key]);
  waiting.push(...refsIn(components[kind][key]));
}

const source = {
  package: `${name}@${version}`,
  description: 'https://github.com/github/rest-api-description',
  license: api.info.license,
  made: 'node scripts/github-api.mjs; without what is for readers only',
};
const file = new URL('../test/helpers/github-api.json', import.meta.url);
writeFileSync(file, `${JSON.stringify({ openapi: api.openapi, source, paths, components }, null, 1)}\n`);

/** What says which requests and answers are valid. */
function operation({ operationId, parameters, requestBody, responses }) {
  return withoutProse({ operationId, parameters, requestBody, responses });
}

function withoutProse(node, names = false) {
  if (Array.isArray(node)) return node.map((item) => withoutProse(item));
  if (typeof node !== 'object' || node === null) return node;
  const kept = Object.entries(node).filter(([key]) => names || !(PROSE.has(key) || key.startsWith('x-')));
  // Under `properties` the keys are names of the wire's: a pull request has a title.
  return Object.fromEntries(kept.map(([key, value]) => [key, withoutProse(value, key === 'properties')]));
}

function refsIn(node) {
  return [...JSON.stringify(node).matchAll(/"\$ref":"(#[^"]+)"/g)].map(([, ref]) => ref);
}
