import type { Share } from '../release/body.ts';
import { remindRelease } from '../release/remind.ts';
import type { ReleaseSite } from '../release/site.ts';
import { messageOf } from '../run/errors.ts';
import { count, formatDuration } from '../run/format.ts';
import { openSlack, slackOptionsOf } from '../slack/post.ts';
import { escapeText } from '../slack/text.ts';
import type { Outcome, Session } from './session.ts';

/** `bake release --remind`: on the pull request, and on Slack where it is configured. */
export async function remind(session: Session, site: ReleaseSite): Promise<Outcome> {
  const { run, project } = session;
  const { remindEvery: every } = project.config.release;
  const reminder = await remindRelease(site, { every, clock: run.clock });
  if (reminder.outcome === 'nothing')
    return { headline: `nobody is asked: no box of a release to ${site.into} is open` };
  const { pull, open } = reminder.release;
  if (reminder.outcome === 'early')
    return {
      headline: `nobody is asked yet: they may be asked again in ${formatDuration(reminder.next - run.clock.now())}`,
      changed: [`${count(open.length, 'box', 'boxes')} of #${pull!.number} open`],
    };
  const { shares, url } = reminder;
  const title = `<${pull!.url}|${escapeText(pull!.title)}>: ${count(open.length, 'box', 'boxes')} still open`;
  const told = await toSlack(session, [
    title,
    ...shares.map((share) => lineOf(share, project.config.release.people)),
  ]);
  return {
    headline: `asked ${shares.map(({ author }) => author.name).join(', ')}`,
    changed: [url, ...(told ? ['and on Slack'] : [])],
  };
}

/** Whether Slack was told. It is a warning where it cannot be: the comment stands. */
async function toSlack({ run, project }: Session, lines: string[]): Promise<boolean> {
  const options = slackOptionsOf(process.env, project.config.notify.slack?.channel);
  if (!options) return false;
  run.redactor.add(options.botToken);
  run.redactor.add(options.webhook);
  try {
    const slack = await openSlack({ ...options, clock: run.clock });
    await slack.post({ text: lines.join('\n') });
    return true;
  } catch (error) {
    run.warn(messageOf(error));
    return false;
  }
}

function lineOf({ author, changes }: Share, people: Record<string, string>): string {
  const id = people[author.name];
  const links = changes.map(({ key, url, title }) => `<${url}|${key.slice(0, 7)}> ${escapeText(title)}`);
  return `• ${id === undefined ? escapeText(author.name) : `<@${id}>`}: ${links.join(', ')}`;
}
