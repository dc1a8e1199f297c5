import type { Project } from '../config/schema.ts';
import { type Check, checksOf } from './check.ts';

const { ok, open, missing } = checksOf('the team');

/** Whether tokens are set, by their names alone: what is in them is nobody's business. `project`: undefined where there is none. */
export function teamChecks(
  project: Project | undefined,
  environment: Record<string, string | undefined>,
): Check[] {
  const isSet = (name: string) => Boolean(environment[name]);
  const notify = project?.config.notify;
  const checks: Check[] = [];

  checks.push(
    isSet('GITHUB_TOKEN')
      ? ok('GITHUB_TOKEN', 'is set')
      : open(
          'GITHUB_TOKEN',
          'is not set',
          '`bake release` needs it, and rollouts are recorded as deployments with it: `export GITHUB_TOKEN=$(gh auth token)`.',
        ),
  );

  const told = notify?.slack !== undefined;
  const ways = ['SLACK_BOT_TOKEN', 'SLACK_WEBHOOK_URL'].filter(isSet);
  if (ways.includes('SLACK_BOT_TOKEN') && told && notify.slack?.channel === undefined)
    checks.push(
      missing(
        'SLACK_BOT_TOKEN',
        'is set, but no channel is named',
        'Name notify.slack.channel in bake.yaml.',
      ),
    );
  else if (ways.length > 0) checks.push(...ways.map((name) => ok(name, 'is set')));
  else if (told)
    checks.push(
      missing(
        'SLACK_BOT_TOKEN',
        'is not set, nor is SLACK_WEBHOOK_URL, and bake.yaml has notify.slack',
        'Set one of them, or leave notify.slack out.',
      ),
    );

  const bot = ['SLACK_APP_TOKEN', 'SLACK_SIGNING_SECRET'].filter(isSet);
  checks.push(...bot.map((name) => ok(name, 'is set')));
  if (bot.length > 0 && !isSet('SLACK_BOT_TOKEN'))
    checks.push(
      missing(
        'SLACK_BOT_TOKEN',
        'is not set, but `bake chat` answers with it',
        'docs/chat.md says where it comes from.',
      ),
    );
  return checks;
}
