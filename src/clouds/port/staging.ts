/** A place of the user's in the region where bytes wait for a machine to fetch them (AWS: an S3 bucket). */
export interface Staging {
  /** Stores the bytes; returns a URL with which anybody can read them for `ttl` milliseconds. */
  put(request: { bucket: string; key: string; bytes: Buffer; ttl: number }): Promise<string>;
  /** Succeeds when it is gone. */
  remove(bucket: string, key: string): Promise<void>;
  /** Keys that begin with `prefix`. */
  list(bucket: string, prefix: string): Promise<string[]>;
}
