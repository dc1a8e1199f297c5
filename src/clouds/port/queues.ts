import type { Tags } from './tags.ts';

export interface Queue {
  url: string;
  arn: string;
  name: string;
  /** Milliseconds. */
  visibilityTimeout: number;
  /** Approximate, and late by up to a minute. */
  visible: number;
  inFlight: number;
  delayed: number;
  deadLetter?: { name: string; maxReceiveCount: number };
}

export interface Queues {
  /** By name or URL. */
  find(nameOrUrl: string): Promise<Queue | undefined>;
  /** Returns the message id. */
  send(queueUrl: string, body: string, attributes: Record<string, string>): Promise<string>;
  /** Finds or creates; `deadLetter` names an existing queue. Returns the URL. */
  create(request: {
    name: string;
    visibilityTimeout: number;
    deadLetter?: { name: string; maxReceiveCount: number };
    tags: Tags;
  }): Promise<string>;
}
