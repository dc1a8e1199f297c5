/** A test message that was sent, and what is known of it. Milliseconds since the epoch. */
export interface TestMessage {
  /** Unique; the worker logs it. */
  mark: string;
  /** The cloud's own id. */
  id: string;
  sentAt: number;
  processed?: { instanceId: string; at: number };
}

/** Every test message of a run, also those of a gate that was cut short: each is followed to its end. */
export class MessageLedger {
  readonly #gate: string;
  readonly messages: TestMessage[] = [];

  /** `gate`: letters and digits; what the marks have in common, so that one search finds them all. */
  constructor(gate: string) {
    this.#gate = gate;
  }

  /** CloudWatch Logs filter pattern (a phrase) that finds every mark. */
  get pattern(): string {
    return `"${this.#gate}"`;
  }

  /** The next mark: of one length, so that none is the beginning of another. */
  nextMark(): string {
    return `${this.#gate}-${String(this.messages.length + 1).padStart(4, '0')}`;
  }

  get firstSentAt(): number {
    return Math.min(...this.messages.map((message) => message.sentAt));
  }

  /** Notes in whose log stream a mark was found. The first instance that logs it counts. */
  note(event: { time: number; stream: string; message: string }): void {
    const instanceId = /i-[0-9a-f]{8,17}/.exec(event.stream)?.[0];
    if (instanceId === undefined) return;
    for (const message of this.messages) {
      if (message.processed || !event.message.includes(message.mark)) continue;
      message.processed = { instanceId, at: event.time };
    }
  }

  get unprocessed(): TestMessage[] {
    return this.messages.filter((message) => message.processed === undefined);
  }
}
