import { installClb } from './engine/clb/index.ts';
import { installRelease } from './engine/ecs/release.ts';
import type { Engine } from './engine/engine.ts';
import { installEss } from './engine/ess/index.ts';
import { ecsProduct } from './wire/alicloud/ecs/index.ts';
import { essProduct } from './wire/alicloud/ess/index.ts';
import { oosProduct } from './wire/alicloud/oos/index.ts';
import type { Product } from './wire/alicloud/product.ts';
import { slbProduct } from './wire/alicloud/slb/index.ts';
import { stsProduct } from './wire/alicloud/sts/index.ts';

/**
 * Everything that the embedded cloud offers to clients of Alibaba Cloud, on the same engine: puts each part's state machines into it
 * and returns the products.
 */
export function installProducts(engine: Engine): Product[] {
  installRelease(engine);
  installEss(engine);
  installClb(engine);
  return [ecsProduct(), essProduct(), oosProduct(), slbProduct(), stsProduct()];
}
