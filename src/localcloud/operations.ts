import { realClock } from './engine/clock.ts';
import { createEngine } from './engine/engine.ts';
import { createIds } from './engine/ids.ts';
import { createLatency } from './engine/latency.ts';
import { Store } from './engine/store.ts';
import { installProducts } from './products.ts';
import { noRuntime } from './sandbox/none.ts';
import { installServices } from './services.ts';
import type { Product } from './wire/alicloud/product.ts';
import type { Service } from './wire/service.ts';

/** What the services are called, by the names in their signatures. */
const TITLES: Record<string, string> = {
  autoscaling: 'Auto Scaling',
  ec2: 'EC2',
  elasticloadbalancing: 'Elastic Load Balancing v2',
  iam: 'IAM',
  logs: 'CloudWatch Logs',
  monitoring: 'CloudWatch',
  s3: 'S3',
  sqs: 'SQS',
  ssm: 'Systems Manager',
  sts: 'STS',
};

/** Those of Alibaba Cloud, by their codes. */
const PRODUCT_TITLES: Record<string, string> = {
  ecs: 'Elastic Compute Service',
  ess: 'Auto Scaling',
  oos: 'Operation Orchestration Service (parameters)',
  ram: 'Resource Access Management',
  slb: 'Classic Load Balancer',
  sts: 'Security Token Service',
};

const BEGIN = '<!-- operations: npm run docs:operations -->';
const END = '<!-- /operations -->';

/** The document with the table of operations as the code has them now. Throws when the markers are not there. */
export function withOperations(document: string): string {
  const [before, rest] = document.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) throw new Error(`no ${BEGIN} … ${END}`);
  return `${before}${BEGIN}\n\n${table()}\n\n${END}${after}`;
}

function table(): string {
  const rows = allServices().map((service) => {
    const protocols = protocolsOf(service);
    const operations = operationsOf(service);
    const title = TITLES[service.signingName] ?? service.signingName;
    return `| ${title} (\`${service.signingName}\`) | ${protocols.join(', ')} | ${operations.length} | ${operations.join(' ')} |`;
  });
  const products = allProducts().map(({ code, version, operations }) => {
    const names = Object.keys(operations).sort();
    const title = `Alibaba Cloud: ${PRODUCT_TITLES[code] ?? code}`;
    return `| ${title} (\`${code}\`) | RPC ${version} | ${names.length} | ${names.join(' ')} |`;
  });
  const head = ['| service | protocols | | operations |', '| --- | --- | --- | --- |'];
  return [...head, ...rows, ...products].join('\n');
}

const protocolsOf = ({ form, json, rest }: Service): string[] => [
  ...(form ? [form.dialect === 'ec2' ? 'EC2 query' : 'query'] : []),
  ...(json ? [`JSON ${json.version}`] : []),
  ...(rest ? ['REST XML'] : []),
];

/** By name, each once, whatever protocol it is spoken in. */
export function operationsOf({ form, json, rest }: Service): string[] {
  const names = [
    ...Object.keys(form?.operations ?? {}),
    ...Object.keys(json?.operations ?? {}),
    ...(rest?.operations ?? []),
  ];
  return [...new Set(names)].sort();
}

/** The services of a cloud that is never started. */
export const allServices = (): Service[] => installServices(noCloud());

/** Its products of Alibaba Cloud. */
export const allProducts = (): Product[] => installProducts(noCloud());

const noCloud = () =>
  createEngine({
    clock: realClock(),
    store: new Store(),
    ids: createIds(1),
    latency: createLatency(),
    runtime: noRuntime(),
  });
