/* Filter names that EC2 documents beyond those that the operations look up themselves. Source: the API's model, 2016-11-15. */

export const INSTANCE_FILTERS = `
  affinity availability-zone-id block-device-mapping.attach-time
  block-device-mapping.delete-on-termination block-device-mapping.status boot-mode
  capacity-reservation-id capacity-reservation-specification.capacity-reservation-preference
  capacity-reservation-specification.capacity-reservation-target.capacity-reservation-id
  capacity-reservation-specification.capacity-reservation-target.capacity-reservation-resource-group-arn
  current-instance-boot-mode dns-name ebs-optimized ena-support enclave-options.enabled
  hibernation-options.configured host-id hypervisor iam-instance-profile.id instance.group-name
  ip-address ipv6-address kernel-id maintenance-options.auto-recovery
  metadata-options.http-protocol-ipv4 metadata-options.http-protocol-ipv6
  metadata-options.http-put-response-hop-limit metadata-options.instance-metadata-tags
  metadata-options.state network-interface.addresses.association.allocation-id
  network-interface.addresses.association.association-id
  network-interface.addresses.association.carrier-ip
  network-interface.addresses.association.customer-owned-ip
  network-interface.addresses.association.ip-owner-id
  network-interface.addresses.association.public-dns-name
  network-interface.addresses.association.public-ip network-interface.addresses.primary
  network-interface.addresses.private-dns-name network-interface.association.allocation-id
  network-interface.association.association-id network-interface.association.carrier-ip
  network-interface.association.customer-owned-ip network-interface.association.ip-owner-id
  network-interface.association.public-dns-name network-interface.association.public-ip
  network-interface.attachment.attach-time network-interface.attachment.attachment-id
  network-interface.attachment.delete-on-termination network-interface.attachment.device-index
  network-interface.attachment.instance-id network-interface.attachment.instance-owner-id
  network-interface.attachment.network-card-index network-interface.attachment.status
  network-interface.availability-zone network-interface.deny-all-igw-traffic
  network-interface.description network-interface.group-id network-interface.group-name
  network-interface.ipv4-prefixes.ipv4-prefix network-interface.ipv6-address
  network-interface.ipv6-addresses.ipv6-address network-interface.ipv6-addresses.is-primary-ipv6
  network-interface.ipv6-native network-interface.ipv6-prefixes.ipv6-prefix
  network-interface.mac-address network-interface.network-interface-id
  network-interface.operator.managed network-interface.operator.principal
  network-interface.outpost-arn network-interface.owner-id network-interface.private-dns-name
  network-interface.private-ip-address network-interface.public-dns-name
  network-interface.requester-id network-interface.requester-managed network-interface.status
  network-interface.source-dest-check network-interface.subnet-id network-interface.vpc-id
  network-performance-options.bandwidth-weighting operator.managed operator.principal outpost-arn
  placement-group-name placement-partition-number platform platform-details
  private-dns-name-options.enable-resource-name-dns-a-record
  private-dns-name-options.enable-resource-name-dns-aaaa-record
  private-dns-name-options.hostname-type product-code product-code.type ramdisk-id reason
  requester-id source-dest-check tenancy tpm-support usage-operation usage-operation-update-time
  virtualization-type
`;

export const IMAGE_FILTERS = `
  block-device-mapping.delete-on-termination block-device-mapping.volume-size
  block-device-mapping.encrypted free-tier-eligible image-allowed kernel-id product-code
  product-code.type ramdisk-id sriov-net-support
`;

export const INSTANCE_TYPE_FILTERS = `
  auto-recovery-supported dedicated-hosts-supported ebs-info.attachment-limit-type
  ebs-info.maximum-ebs-attachments ebs-info.ebs-optimized-info.baseline-bandwidth-in-mbps
  ebs-info.ebs-optimized-info.baseline-iops ebs-info.ebs-optimized-info.baseline-throughput-in-mbps
  ebs-info.ebs-optimized-info.maximum-bandwidth-in-mbps ebs-info.ebs-optimized-info.maximum-iops
  ebs-info.ebs-optimized-info.maximum-throughput-in-mbps ebs-info.ebs-optimized-support
  ebs-info.encryption-support ebs-info.nvme-support free-tier-eligible hibernation-supported
  hypervisor instance-storage-info.disk.count instance-storage-info.disk.size-in-gb
  instance-storage-info.disk.type instance-storage-info.encryption-support
  instance-storage-info.nvme-support instance-storage-info.total-size-in-gb
  instance-storage-supported network-info.bandwidth-weightings
  network-info.efa-info.maximum-efa-interfaces network-info.efa-supported network-info.ena-support
  network-info.flexible-ena-queues-support network-info.encryption-in-transit-supported
  network-info.ipv4-addresses-per-interface network-info.ipv6-addresses-per-interface
  network-info.ipv6-supported network-info.maximum-network-cards
  network-info.maximum-network-interfaces network-info.network-performance nitro-enclaves-support
  nitro-tpm-support nitro-tpm-info.supported-versions processor-info.sustained-clock-speed-in-ghz
  processor-info.supported-features reboot-migration-support supported-boot-mode
  supported-root-device-type supported-usage-class supported-virtualization-type
  vcpu-info.default-cores vcpu-info.default-threads-per-core vcpu-info.valid-cores
  vcpu-info.valid-threads-per-core
`;

export const VOLUME_FILTERS = `
  attachment.attach-time availability-zone-id fast-restored multi-attach-enabled operator.managed
  operator.principal
`;

export const SUBNET_FILTERS = `
  available-ip-address-count customer-owned-ipv4-pool enable-dns64 enable-lni-at-device-index
  ipv6-cidr-block-association.ipv6-cidr-block ipv6-cidr-block-association.association-id
  ipv6-cidr-block-association.state ipv6-native map-customer-owned-ip-on-launch
  map-public-ip-on-launch outpost-arn private-dns-name-options-on-launch.hostname-type
  private-dns-name-options-on-launch.enable-resource-name-dns-a-record
  private-dns-name-options-on-launch.enable-resource-name-dns-aaaa-record subnet-arn
`;

export const VPC_FILTERS = `
  cidr-block-association.cidr-block cidr-block-association.association-id
  cidr-block-association.state dhcp-options-id ipv6-cidr-block-association.ipv6-cidr-block
  ipv6-cidr-block-association.ipv6-pool ipv6-cidr-block-association.association-id
  ipv6-cidr-block-association.state
`;

export const SNAPSHOT_FILTERS = `
  owner-alias transfer-type
`;

export const SPOT_REQUEST_FILTERS = `
  availability-zone-group launch-group
  launch.block-device-mapping.delete-on-termination launch.block-device-mapping.device-name
  launch.block-device-mapping.snapshot-id launch.block-device-mapping.volume-size
  launch.block-device-mapping.volume-type  launch.group-name launch.kernel-id
  launch.ramdisk-id launched-availability-zone-id
  network-interface.addresses.primary network-interface.delete-on-termination
  network-interface.description network-interface.device-index network-interface.group-id
  network-interface.network-interface-id network-interface.private-ip-address
  network-interface.subnet-id valid-from valid-until
`;

export const ROUTE_TABLE_FILTERS = `
  association.gateway-id association.route-table-association-id route.destination-cidr-block
  route.destination-ipv6-cidr-block route.destination-prefix-list-id
  route.egress-only-internet-gateway-id route.gateway-id route.instance-id route.nat-gateway-id
  route.transit-gateway-id route.origin route.state route.vpc-peering-connection-id
`;

export const NETWORK_ACL_FILTERS = `
  association.network-acl-id entry.icmp.code entry.icmp.type
  entry.ipv6-cidr entry.port-range.from entry.port-range.to entry.protocol entry.rule-action
  entry.egress entry.rule-number
`;

export const NETWORK_INTERFACE_FILTERS = `
  association.allocation-id association.association-id addresses.association.owner-id
  addresses.association.public-ip association.ip-owner-id association.public-ip
  association.public-dns-name attachment.attach-time attachment.attachment-id
  attachment.delete-on-termination attachment.device-index attachment.instance-id
  attachment.instance-owner-id attachment.status availability-zone description
  ipv6-addresses.ipv6-address interface-type mac-address network-interface-id operator.managed
  operator.principal owner-id private-dns-name private-ip-address requester-id requester-managed
  source-dest-check status subnet-id vpc-id
`;

export const STATUS_FILTERS = `
  attached-ebs-status.status event.code event.description event.instance-event-id event.not-after
  event.not-before event.not-before-deadline
`;

export const TEMPLATE_VERSION_FILTERS = `
  http-endpoint http-protocol-ipv4 host-resource-group-arn http-tokens kernel-id
  license-configuration-arn network-card-index ram-disk-id
`;

export const VOLUME_STATUS_FILTERS = `
  action.code action.description action.event-id event.description event.event-id event.event-type
  event.not-after event.not-before
`;

export const MODIFICATION_FILTERS = `
  original-iops originalMultiAttachEnabled start-time target-iops targetMultiAttachEnabled
`;
