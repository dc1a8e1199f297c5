import type { Operation } from '../service.ts';

/** A product of Alibaba Cloud: an RPC API, which goes by its version where all products have one address. */
export interface Product {
  /** Its code, as policies and faults name it: "ecs", "ess", "slb". */
  code: string;
  /** `x-acs-version`: "2014-05-26". */
  version: string;
  operations: Record<string, Operation>;
}
