/** The products that bake uses. Sources: their API versions, and the endpoints in the vendor's endpoint lists. */
export const PRODUCTS = {
  ecs: { version: '2014-05-26' },
  ess: { version: '2022-02-22' },
  slb: { version: '2014-05-15' },
  sts: { version: '2015-04-01' },
  oos: { version: '2019-06-01' },
} as const;

export type ProductCode = keyof typeof PRODUCTS;

/** Regions that ESS and CLB answer for at one central address. */
const CENTRAL = [
  'cn-qingdao',
  'cn-beijing',
  'cn-hangzhou',
  'cn-shanghai',
  'cn-shenzhen',
  'cn-hongkong',
  'ap-southeast-1',
  'us-east-1',
  'us-west-1',
];

/** Host of a product in a region. */
export function endpointOf(product: ProductCode, region: string): string {
  if (product === 'ecs')
    return region === 'cn-hangzhou' ? 'ecs-cn-hangzhou.aliyuncs.com' : `ecs.${region}.aliyuncs.com`;
  const central = CENTRAL.includes(region) || (product === 'ess' && region === 'cn-nanjing');
  if ((product === 'ess' || product === 'slb') && central) return `${product}.aliyuncs.com`;
  return `${product}.${region}.aliyuncs.com`;
}
