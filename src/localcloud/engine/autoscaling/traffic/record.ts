/** What a group registers its instances with. AWS: TrafficSourceIdentifier. */
export interface TrafficSource {
  /** ARN of a target group. */
  identifier: string;
  type: 'elbv2';
  /** Detached, but instances are still draining. */
  removing?: true;
}
