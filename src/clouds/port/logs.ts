export interface LogEvent {
  time: number;
  stream: string;
  message: string;
}

export interface Logs {
  /**
   * Events since `since`, oldest first, all pages up to `limit` (default 1000); `pattern` is the cloud's filter pattern.
   * Only streams whose name contains one of `streamsContaining`, when given. An unknown group has no events.
   */
  search(request: {
    group: string;
    since: number;
    pattern?: string;
    streamsContaining?: string[];
    limit?: number;
  }): Promise<LogEvent[]>;
}
