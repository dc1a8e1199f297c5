import type { Clock } from '../run/clock.ts';

export interface OpenCloudOptions {
  kind: 'aws' | 'alicloud';
  /** Default: AWS_REGION, AWS_DEFAULT_REGION, or the region of the AWS profile; ALIBABA_CLOUD_REGION_ID. */
  region?: string;
  /** Base URL that answers for every service; default: the services' own (AWS_ENDPOINT_URL is honoured). */
  endpoint?: string;
  /** Default: the SDK's chain (environment, profile, SSO, container, instance profile). */
  credentials?: { accessKeyId: string; secretAccessKey: string };
  /** The endpoint is the embedded local cloud; default: whether it is on this machine (AWS), no (Alibaba Cloud). */
  local?: boolean;
  /** For waits on eventual consistency; default: the machine's. */
  clock?: Clock;
}
