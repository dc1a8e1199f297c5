/** What kinds of projects are known, in the order in which they are looked for. */
export const KINDS = ['django', 'rails', 'node', 'python', 'docker'] as const;
export type Kind = (typeof KINDS)[number];

/** Where things lie in the image, and the places that a command may name. */
export interface Places {
  /** Of everything in the image that is the application's. */
  home: string;
  /** What it may write to. */
  state: string;
  /** Runtime configuration, written by user data at first boot. */
  environment: string;
  /** The uploaded source. */
  app: string;
  /** The virtual environment (Python). */
  venv: string;
}

/** A project as it was found. */
export interface Application {
  kind: Kind;
  /** What told, for people: `worker.py`, `package.json` … */
  because: string;
  /** What the service runs, as in ExecStart=. `$HOST` and `$PORT` come from the environment file. */
  command(places: Places): string;
  /** Whether it answers requests; else it is a worker. */
  web: boolean;
  /** Whether it receives messages from a queue. */
  queue: boolean;
  port: number;
  /** Path that says that it is well. */
  health: string;
  /** Files that it needs besides its source, by name: `deploy/NAME` in the repository, beside the source in the image. */
  extra?(health: string): Record<string, string>;
  /** File with its dependencies, relative to the project. */
  dependencies?: string;
  /** Lock files beside it that are there. */
  locks: string[];
  /** Text of a dependency file that has to be written, as the project has none that can be installed from. */
  requirements?: string;
  /** Environment variables that its source reads. */
  variables: string[];
  /** Of the unit, besides the environment file. */
  environment?(places: Places): Record<string, string>;
  /** Shell commands, run in the uploaded source, that make it ready; files stay root's. */
  prepare(places: Places): string[];
  /** Shell commands that prove on a new image that the application can start. */
  checks(places: Places, account: string): string[];
  /** What is not needed in the image, as in .gitignore. */
  ignore: string[];
  /** What the person should know or do, a sentence each. */
  notes: string[];
}
