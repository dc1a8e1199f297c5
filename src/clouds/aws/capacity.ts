/** Error codes of RunInstances that mean "not this type, not here, not now": another place may have room. */
const NO_CAPACITY = new Set([
  'InsufficientInstanceCapacity',
  'InsufficientHostCapacity',
  'InsufficientReservedInstanceCapacity',
  'InsufficientCapacityOnHost',
  'InsufficientFreeAddressesInSubnet',
  'InstanceLimitExceeded',
  'VcpuLimitExceeded',
  'MaxSpotInstanceCountExceeded',
  'SpotMaxPriceTooLow',
  'Unsupported',
]);

/** Whether a launch failed for want of room. `Unsupported`: the type does not exist in this zone. */
export const isNoCapacity = (code: string | undefined): boolean => NO_CAPACITY.has(code ?? '');
