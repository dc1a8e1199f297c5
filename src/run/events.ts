/**
 * What a run tells the world. Nothing below `commands/` prints: it emits these events, and reporters
 * (terminal, plain lines, NDJSON, later GitHub, Slack, HTML) turn them into what a reader wants.
 * Every event is plain JSON; times are ISO 8601, durations milliseconds. Secrets are redacted before emission.
 */
export type RunEvent = { time: string; run: string } & RunEventBody;

/** What happened: `type` tells which of these it is. */
export type RunEventBody =
  | {
      type: 'run.started';
      command: string;
      project: string;
      environment: string;
      cloud: string;
      region: string;
    }
  | { type: 'step.started'; step: string; title: string }
  /** What is happening now within a step; `percent` 0-100 and `remainingMs` where they are known. */
  | { type: 'step.progress'; step: string; message: string; percent?: number; remainingMs?: number }
  /** One line of output of a script on an instance. */
  | { type: 'step.output'; step: string; source: string; line: string }
  | { type: 'step.finished'; step: string; title: string; summary?: string; durationMs: number }
  | { type: 'step.skipped'; step: string; title: string; reason: string }
  | { type: 'step.failed'; step: string; title: string; message: string; durationMs: number }
  | { type: 'note'; message: string }
  | { type: 'warning'; message: string }
  /** Who is in a scaling group: everybody at first, then those that are new or changed; `gone` are the ids of those that left. */
  | { type: 'fleet.seen'; group: string; desired: number; instances: SeenInstance[]; gone: string[] }
  /** Something a machine may want: `image`, `release`, `smoke.proof` … with plain values. */
  | { type: 'fact'; name: string; value: unknown }
  /** The end. `changed`: what changed, a line each. `next`: what to type next, a line each. */
  | {
      type: 'run.finished';
      ok: boolean;
      durationMs: number;
      headline: string;
      changed: string[];
      next: string[];
      /** The page that tells this run: a path, from where bake was called. */
      report?: string;
      error?: { message: string; hint?: string; details: readonly string[]; exitCode: number };
    };

/** An instance of a scaling group as it was just seen. */
export interface SeenInstance {
  id: string;
  /** The launch template version it was launched with; missing where it was attached by hand. */
  version?: number;
  /** The release that the version brings, where that is known. */
  release?: string;
  /** The cloud's lifecycle state: "Pending", "InService", "Terminating:Wait" … */
  lifecycle: string;
  healthy: boolean;
}

/** Hears the events of a run, in order. */
export type EventSink = (event: RunEvent) => void;
