import type { Project } from '../config/schema.ts';
import { messageOf } from '../run/errors.ts';
import type { Posted, Slack, SlackMessage } from '../slack/post.ts';
import { type ChatCommand, parseCommand } from './command.ts';
import { Desk, type Matter, Questions } from './desk.ts';
import { mayChange } from './members.ts';
import { look, presentOf, rowsOf, tellRun } from './runs.ts';
import type { Asked, Grave, Pressed, Surroundings } from './surroundings.ts';
import * as words from './words.ts';

type Change = Grave | { kind: 'deploy' };

/** Takes commands in a team's channel, and does them with everybody looking on. Each is a process of its own. */
export class ChatBot {
  readonly #world: Surroundings;
  readonly #desk = new Desk();
  readonly #questions: Questions;
  readonly #work = new Set<Promise<void>>();
  #stopping = false;

  constructor(world: Surroundings) {
    this.#world = world;
    this.#questions = new Questions(world.clock);
  }

  /** Answers what was said; resolves when it is done with. Never throws. */
  hear(asked: Asked): Promise<void> {
    this.#world.note(`${asked.user} in ${asked.channel}: ${asked.text.replaceAll(/<@[^>]*>/g, '').trim()}`);
    return this.#keep(this.#answer(asked).catch((error: unknown) => this.#failed(asked, error)));
  }

  /** Takes a pressed button. Never throws. */
  press(pressed: Pressed): Promise<void> {
    this.#world.note(`${pressed.user} in ${pressed.posted.channel} pressed "${pressed.how}"`);
    const failed = (error: unknown) => pressed.privately(words.trouble(error));
    return this.#keep(this.#take(pressed).catch(failed).catch(this.#undone));
  }

  /** Takes nothing more, closes what is asked, and resolves when what is under way has ended. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#questions.stop();
    while (this.#work.size > 0) await Promise.all(this.#work);
  }

  /** How much is under way. */
  get busy(): number {
    return this.#work.size;
  }

  #keep(work: Promise<void>): Promise<void> {
    const kept = work.finally(() => this.#work.delete(kept));
    this.#work.add(kept);
    return kept;
  }

  readonly #undone = (error: unknown): void => this.#world.note(`not done: ${messageOf(error)}`);

  /** Where Slack does not take an answer in the channel, the asker alone is told why. */
  async #failed(asked: Asked, error: unknown): Promise<void> {
    this.#undone(error);
    const message = words.trouble(error);
    await this.#say(asked, message)
      .catch(() => asked.privately(message))
      .catch(this.#undone);
  }

  async #answer(asked: Asked): Promise<void> {
    const command = parseCommand(asked.text);
    if (command.kind === 'unclear') return this.#say(asked, words.unclear(command.near));
    const { load, environment: usual } = this.#world;
    const { environments } = load(usual);
    if (command.kind === 'help') return this.#say(asked, words.help(environments));
    const only = environments.length === 1 ? environments[0] : undefined;
    const environment = command.environment ?? usual ?? only;
    if (environment === undefined && environments.length > 0)
      return this.#say(asked, words.whichEnvironment(environments));
    const project = load(environment ?? 'default');
    if (command.kind === 'status') return this.#status(asked, project);
    return this.#change(asked, command as Change, project);
  }

  async #status(asked: Asked, project: Project): Promise<void> {
    const { end, facts } = await look(this.#world, project, ['status']);
    return this.#say(asked, words.looked(end, rowsOf(facts.get('status'), this.#world.clock.now())));
  }

  async #change(asked: Asked, command: Change, project: Project): Promise<void> {
    const refusal = await this.#refusal(asked, project);
    if (refusal) return this.#say(asked, refusal);
    const { environment } = project;
    const what = words.whatOf(command as ChatCommand, environment);
    const matter: Matter = { environment, what, user: asked.user, since: this.#world.clock.now() };
    const slack = await this.#world.open(asked.channel);
    try {
      const other = this.#desk.take(matter);
      if (other) return await this.#say(asked, await this.#inTheWay(slack, other));
      if (command.kind === 'deploy') await this.#deploy(slack, matter, project);
      else await this.#confirmed(slack, matter, command, project);
    } finally {
      this.#desk.leave(matter);
      slack.close();
    }
  }

  async #refusal({ user, channel }: Asked, project: Project): Promise<SlackMessage | undefined> {
    const { channel: ours } = project.config.chat;
    if (isDirect(channel) || (ours !== undefined && channel !== ours)) return words.elsewhere(ours);
    if (!(await this.#may(user, project))) return words.notAllowed(user, project);
    return this.#stopping ? words.stopping : undefined;
  }

  async #inTheWay(slack: Slack, other: Matter): Promise<SlackMessage> {
    const link = other.posted && (await slack.linkTo(other.posted).catch(() => undefined));
    return words.inTheWay(other, this.#world.clock.now(), link);
  }

  async #deploy(slack: Slack, matter: Matter, project: Project): Promise<void> {
    const { end, facts } = await look(this.#world, project, ['release']);
    this.#world.note(`${matter.what}: ${end.headline}`);
    await slack.post(words.released(end, facts.get('release.pull') as words.ReleasePull | undefined, matter));
  }

  /** Asks, and does it when somebody who may says so. The question's message becomes the run's. */
  async #confirmed(slack: Slack, matter: Matter, command: Grave, project: Project): Promise<void> {
    const looked = presentOf(await look(this.#world, project, ['status']));
    const within = project.config.chat.confirmWithin;
    const { id, answer } = this.#questions.ask(matter, within);
    let posted: Posted;
    try {
      posted = (await slack.post(words.question(matter, { id, looked, within })))!;
    } catch (error) {
      this.#questions.answer(id, { how: 'stopped' });
      throw error;
    }
    matter.posted = posted;
    if (this.#stopping) this.#questions.stop();
    const said = await answer;
    if (said.how !== 'go') return slack.update(posted, words.leftAlone(matter, said));
    const who = `asked by ${words.person(matter.user)}, confirmed by ${words.person(said.user)}`;
    await slack.update(posted, words.begins(matter, who)).catch(this.#undone);
    const end = await tellRun(this.#world, project, command, { posted, who });
    this.#world.note(`${matter.what}: ${end.headline}`);
  }

  async #take({ user, question, how, privately }: Pressed): Promise<void> {
    const matter = this.#questions.matterOf(question);
    if (!matter) return privately(words.tooLate);
    const project = this.#world.load(matter.environment);
    const may = (how === 'leave' && user === matter.user) || (await this.#may(user, project));
    if (!may) return privately(words.notAllowed(user, project));
    if (!this.#questions.answer(question, { how, user })) await privately(words.tooLate);
  }

  #may(user: string, project: Project): Promise<boolean> {
    return mayChange(user, project, this.#world.team, (id) => this.#world.member(id));
  }

  /** Where it was asked, for everybody; what nobody else could see anyway is for the asker. */
  async #say(asked: Asked, message: SlackMessage): Promise<void> {
    if (isDirect(asked.channel)) return asked.privately(message);
    const slack = await this.#world.open(asked.channel);
    try {
      if (asked.thread === undefined) await slack.post(message);
      else await slack.thread({ channel: asked.channel, ts: asked.thread }, message);
    } finally {
      slack.close();
    }
  }
}

const isDirect = (channel: string): boolean => channel.startsWith('D');
