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

/** A message that lies in a queue, without its body: that is nobody else's business. */
export interface LyingMessage {
  id: string;
  /** When it was first sent, milliseconds since the epoch (AWS: kept by standard queues when it becomes a dead letter). */
  sentAt: number;
  /** Message attributes that are text. */
  attributes: Record<string, string>;
}

export interface Queues {
  /** By name or URL. */
  find(nameOrUrl: string): Promise<Queue | undefined>;
  /** Returns the message id. */
  send(queueUrl: string, body: string, attributes: Record<string, string>): Promise<string>;
  /**
   * Looks at messages without taking them: others do not see them for two seconds, and each look counts as a receive. At most `limit`;
   * fewer than there are is normal. Undefined for a queue that has a dead-letter queue of its own, where a look could move them.
   */
  peek(queue: Queue, limit: number): Promise<LyingMessage[] | undefined>;
  /** Finds or creates; `deadLetter` names an existing queue. Returns the URL. */
  create(request: {
    name: string;
    visibilityTimeout: number;
    deadLetter?: { name: string; maxReceiveCount: number };
    tags: Tags;
  }): Promise<string>;
}
