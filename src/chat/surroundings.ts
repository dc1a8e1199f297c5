import type { Project } from '../config/schema.ts';
import type { Clock } from '../run/clock.ts';
import type { Posted, Slack, SlackMessage } from '../slack/post.ts';
import type { Bake } from './child.ts';
import type { ChatCommand } from './command.ts';
import type { Member } from './members.ts';

/** Something that somebody said to the bot. */
export interface Asked {
  user: string;
  channel: string;
  text: string;
  /** The message in whose thread it was said. */
  thread?: string;
  /** Says something to the asker alone, where Slack has a way to. */
  privately(message: SlackMessage): Promise<void>;
}

/** A button that somebody pressed. */
export interface Pressed {
  user: string;
  /** The question that it answers. */
  question: string;
  how: 'go' | 'leave';
  /** The message that it is in. */
  posted: Posted;
  privately(message: SlackMessage): Promise<void>;
}

/** What the bot needs of the world. */
export interface Surroundings {
  /** bake.yaml as it is now, for one environment; throws usage errors. */
  load(environment?: string): Project;
  /** The environment that is meant where none is named, if one was given to the bot. */
  environment?: string;
  bake: Bake;
  open(channel: string): Promise<Slack>;
  member(user: string): Promise<Member | undefined>;
  /** The workspace that the bot is of. */
  team: string | undefined;
  clock: Clock;
  /** Keeps a line for whoever looks after the bot. */
  note(line: string): void;
}

/** What is done to an environment only after somebody has confirmed it. */
export type Grave = Extract<ChatCommand, { kind: 'rollback' | 'cutover' }>;
