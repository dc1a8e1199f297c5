/** Named values of the account in one region (AWS: SSM parameters), for pointers to images. */
export interface Parameters {
  find(name: string): Promise<string | undefined>;
  /** Creates or replaces it. */
  put(name: string, value: string): Promise<void>;
}
