import { ServiceError } from '../errors.ts';
import type { LoadBalancerRecord, TargetGroupRecord } from './records.ts';

/** Source: ModifyTargetGroupAttributes, for HTTP; what a network load balancer's group has besides is stored as it is given. */
const OF_TARGET_GROUPS: Record<string, string> = {
  'deregistration_delay.timeout_seconds': '300',
  'stickiness.enabled': 'false',
  'stickiness.type': 'lb_cookie',
  'stickiness.lb_cookie.duration_seconds': '86400',
  'stickiness.app_cookie.cookie_name': '',
  'stickiness.app_cookie.duration_seconds': '86400',
  'load_balancing.algorithm.type': 'round_robin',
  'load_balancing.algorithm.anomaly_mitigation': 'off',
  'load_balancing.cross_zone.enabled': 'use_load_balancer_configuration',
  'slow_start.duration_seconds': '0',
  'target_group_health.dns_failover.minimum_healthy_targets.count': '1',
  'target_group_health.dns_failover.minimum_healthy_targets.percentage': 'off',
  'target_group_health.unhealthy_state_routing.minimum_healthy_targets.count': '1',
  'target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage': 'off',
};

/** Source: ModifyLoadBalancerAttributes, for application load balancers. */
const OF_LOAD_BALANCERS: Record<string, string> = {
  'access_logs.s3.enabled': 'false',
  'access_logs.s3.bucket': '',
  'access_logs.s3.prefix': '',
  'client_keep_alive.seconds': '3600',
  'connection_logs.s3.enabled': 'false',
  'connection_logs.s3.bucket': '',
  'connection_logs.s3.prefix': '',
  'deletion_protection.enabled': 'false',
  'idle_timeout.timeout_seconds': '60',
  'ipv6.deny_all_igw_traffic': 'false',
  'load_balancing.cross_zone.enabled': 'true',
  'routing.http.desync_mitigation_mode': 'defensive',
  'routing.http.drop_invalid_header_fields.enabled': 'false',
  'routing.http.preserve_host_header.enabled': 'false',
  'routing.http.x_amzn_tls_version_and_cipher_suite.enabled': 'false',
  'routing.http.xff_client_port.enabled': 'false',
  'routing.http.xff_header_processing.mode': 'append',
  'routing.http2.enabled': 'true',
  'waf.fail_open.enabled': 'false',
  'zonal_shift.config.enabled': 'false',
};

type Owner = TargetGroupRecord | LoadBalancerRecord;

const defaultsOf = (owner: Owner) => ('targetType' in owner ? OF_TARGET_GROUPS : OF_LOAD_BALANCERS);

/** All attributes, set or by default. */
export const attributesOf = (owner: Owner): Record<string, string> => ({
  ...defaultsOf(owner),
  ...owner.attributes,
});

export const attributeOf = (owner: Owner, key: string): string => attributesOf(owner)[key] ?? '';

/** Throws ValidationError, or InvalidConfigurationRequest for a key that is not known. */
export function checkElbAttributes(owner: Owner, attributes: Record<string, string>): void {
  for (const [key, value] of Object.entries(attributes)) {
    if (!Object.hasOwn(defaultsOf(owner), key))
      throw new ServiceError('InvalidConfigurationRequest', `Attribute key '${key}' is not recognized`);
    const most = MOST_SECONDS[key];
    if (most !== undefined && !(/^\d{1,6}$/.test(value) && Number(value) <= most))
      throw new ServiceError('ValidationError', `'${value}' is not a valid value for attribute '${key}'`);
  }
}

const MOST_SECONDS: Record<string, number> = {
  'deregistration_delay.timeout_seconds': 3_600,
  'idle_timeout.timeout_seconds': 4_000,
  'client_keep_alive.seconds': 604_800,
  'slow_start.duration_seconds': 900,
};
