import type { Product } from './wire/alicloud/product.ts';
import { stsProduct } from './wire/alicloud/sts/index.ts';

/** Everything that the embedded cloud offers to clients of Alibaba Cloud, on the same engine. */
export const alibabaProducts = (): Product[] => [stsProduct()];
