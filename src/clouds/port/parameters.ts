/** Named values of the account in one region (AWS: SSM parameters): pointers to images, and the locks of fleets. */
export interface Parameters {
  find(name: string): Promise<string | undefined>;
  /** With its version, which counts up from 1 with each writing; the latest, or this one. Undefined too when that version is gone. */
  read(name: string, version?: number): Promise<{ value: string; version: number } | undefined>;
  /** Makes it as version 1; false when there is one already, which may be our own, whose answer was lost. */
  create(name: string, value: string): Promise<boolean>;
  /** Creates or replaces it, as text or as a pointer to an image. Returns the version that it has become. */
  put(name: string, value: string, type: 'text' | 'image'): Promise<number>;
}
