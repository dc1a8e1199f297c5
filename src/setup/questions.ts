import { usageError } from '../run/errors.ts';
import { type Answers, defaultAnswers, projectName, type Strategy } from './answers.ts';
import type { Found } from './detect.ts';

/** What flags have settled already; the rest is asked, or taken by default. */
export interface Given {
  project?: string;
  cloud?: string;
  region?: string;
  strategy?: string;
  /** A name, or `false`: no queue. */
  queue?: string | false;
  port?: number;
  health?: string;
}

/** Asks one question; an empty answer is the proposal. */
export type Ask = (question: string, proposal: string) => Promise<string>;

const CLOUDS = ['aws', 'alicloud'] as const;
const STRATEGIES = ['rolling', 'blue-green'] as const;

/** Answers from flags, then from questions (as few as the project allows), then by default. Throws a usage error for a flag's value. */
export async function answer(found: Found, directoryName: string, given: Given, ask?: Ask): Promise<Answers> {
  const { application } = found;
  const put = ask ?? ((_question, proposal) => Promise.resolve(proposal));
  const choose = async <T extends string>(
    name: string,
    value: string | undefined,
    choices: readonly T[],
    question: string,
  ) => {
    if (value !== undefined) return oneOf(name, value, choices);
    for (;;) {
      const said = (await put(`${question} (${choices.join(', ')})`, choices[0] as string)).toLowerCase();
      const choice = choices.find((one) => one === said);
      if (choice !== undefined) return choice;
    }
  };
  const cloud = await choose('--cloud', given.cloud, CLOUDS, 'Which cloud');
  const proposed = defaultAnswers(found, directoryName, cloud);
  const project = projectOf(given.project ?? proposed.project);
  const region = given.region ?? (await put('Region', proposed.region));
  const strategy: Strategy = await choose(
    '--strategy',
    given.strategy,
    STRATEGIES,
    'How instances are replaced',
  );
  const answers: Answers = {
    ...proposed,
    project,
    region,
    strategy,
    port: given.port ?? proposed.port,
    health: given.health ?? proposed.health,
  };
  if (application.web) {
    answers.port = given.port ?? portOf(await put('Port that it listens on', String(proposed.port)));
    answers.health = given.health ?? (await put('Path that answers when it is well', proposed.health));
  }
  answers.queue = await queueOf(application.queue, given.queue, { ...answers, queue: undefined }, put);
  return answers;
}

async function queueOf(
  receives: boolean,
  given: string | false | undefined,
  { project, cloud }: Answers,
  put: Ask,
): Promise<string | undefined> {
  if (given === false) return undefined;
  if (cloud !== 'aws') {
    if (given === undefined) return undefined;
    throw usageError('--queue names a queue of SQS: there is none on Alibaba Cloud');
  }
  if (given !== undefined) return queueName(given);
  return receives ? queueName(await put('SQS queue that it receives from', `${project}-jobs`)) : undefined;
}

function oneOf<T extends string>(flag: string, value: string, choices: readonly T[]): T {
  const choice = choices.find((one) => one === value);
  if (choice === undefined) throw usageError(`${flag} is ${value}: ${choices.join(' or ')}`);
  return choice;
}

function projectOf(name: string): string {
  if (name !== projectName(name))
    throw usageError(
      `--project is ${name}: lower-case letters, digits and hyphens, at most 30; such as ${projectName(name)}`,
    );
  return name;
}

function queueName(name: string): string {
  if (!/^[A-Za-z0-9_-]{1,80}$/.test(name))
    throw usageError(`--queue is ${name}: a name of letters, digits, - and _, at most 80`);
  return name;
}

function portOf(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw usageError(`${text} is no port: 1 to 65535`);
  return port;
}
