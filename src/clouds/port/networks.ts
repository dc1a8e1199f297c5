/** What a firewall around instances lets out (AWS: a security group's outbound rules). */
export interface SecurityGroup {
  id: string;
  name: string;
  outbound: OutboundRule[];
}

export interface OutboundRule {
  /** "tcp", "udp", "icmp", or "all". */
  protocol: string;
  /** Undefined: every port. */
  fromPort?: number;
  toPort?: number;
  /** To whom: address ranges, other security groups, prefix lists. */
  to: string[];
}

export interface Networks {
  /** Those that do not exist are left out. */
  securityGroups(ids: string[]): Promise<SecurityGroup[]>;
  /** Where instances reach the services that a worker needs (queues, logs): "host:port" each. */
  serviceEndpoints(): Promise<string[]>;
}
