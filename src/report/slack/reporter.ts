import type { RunEvent } from '../../run/events.ts';
import type { Posted, Slack } from '../../slack/post.ts';
import { Outbox } from '../outbox.ts';
import type { Reporter } from '../reporter.ts';
import type { RunBegin } from '../team.ts';
import { ChannelStory, type Who } from './story.ts';
import { detailMessages, failureNotice, runMessage } from './words.ts';

export interface SlackTelling {
  /** What the run is, as far as it is known before its first event. */
  begin: RunBegin;
  who: Who;
  /** The message that becomes the run's; default: a new one. */
  posted?: Posted;
  /** How far apart changes of the message are, milliseconds. */
  pace?: number;
  /** Told of what could not be said, at the end. */
  warn: (message: string) => void;
}

/**
 * Tells a run to a channel. A bot has one message that it edits as the run goes on, with the details in its thread; a failure is said once
 * more where everybody is told of it. A webhook says that it began, that it goes back, and how it ended.
 */
export function slackReporter(slack: Slack, telling: SlackTelling): Reporter {
  const story = new ChannelStory(telling.begin, telling.who);
  const warnings: string[] = [];
  const outbox = new Outbox('Slack', (warning) => warnings.push(warning), telling.pace);
  let { posted } = telling;
  let refused = false;
  let told = false;
  /** The message as the story stands when it is its turn: posted once, then edited. Where that was refused, the end is tried again. */
  const show = async () => {
    if (told) return;
    told = story.end !== undefined;
    if (posted) return slack.update(posted, runMessage(story));
    if (refused && !told) return;
    refused = true;
    posted = await slack.post(runMessage(story));
  };

  const emit = (event: RunEvent): void => {
    const undoing = story.undoing;
    const news = story.add(event);
    const telling =
      event.type === 'run.started' || event.type === 'run.finished' || story.undoing !== undoing;
    if (!slack.edits) {
      // What was true then: the story goes on until it is sent.
      const message = telling ? runMessage(story) : undefined;
      if (message) outbox.send(() => slack.post(message));
    } else if (event.type === 'run.started' || event.type === 'run.finished') outbox.send(show);
    else if (news) outbox.newest(show);
    if (slack.edits && event.type === 'run.finished') tellDetails(event.ok);
  };

  const tellDetails = (ok: boolean) => {
    outbox.send(async () => {
      if (!posted) return;
      for (const message of detailMessages(story)) await slack.thread(posted, message);
      if (!ok) await slack.thread(posted, failureNotice(story), { everybody: true });
    });
  };

  return {
    emit,
    async close() {
      await outbox.close(() => slack.close());
      for (const warning of warnings) telling.warn(warning);
    },
  };
}
