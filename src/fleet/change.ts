/** One difference between a fleet and its configuration: what it is, a line each, and how it is put right. */
export interface Change {
  lines: string[];
  make(): Promise<void>;
}
