import type { Tags } from './tags.ts';

/** What a machine needs besides itself so that it can be reached by SSH. Both are removed as `Leftovers` are. */
export interface SshAccess {
  /** Takes the public half of a key that was made here. Idempotent by name. Returns the id. */
  importKeyPair(request: { name: string; publicKey: string; tags: Tags }): Promise<string>;
  /**
   * A security group in the network of the subnet (default: the default network) that lets `source` (CIDR) in to one TCP port,
   * and nobody else. Idempotent by name. Returns the id.
   */
  createSecurityGroup(request: {
    name: string;
    description: string;
    subnetId?: string;
    port: number;
    source: string;
    tags: Tags;
  }): Promise<string>;
}
