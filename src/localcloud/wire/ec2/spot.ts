import { once } from '../../engine/ec2/client-tokens.ts';
import { INSTANCE_TYPES } from '../../engine/ec2/instance-types.ts';
import type { LaunchTemplateData } from '../../engine/ec2/launch-template-data.ts';
import { launchSpecOf } from '../../engine/ec2/launch-templates.ts';
import { zones } from '../../engine/ec2/network.ts';
import { cancelSpotRequest } from '../../engine/ec2/spot-machine.ts';
import { spotPrice } from '../../engine/ec2/spot-prices.ts';
import {
  findSpotRequest,
  openSpotRequest,
  type SpotRequestRecord,
  spotRequests,
} from '../../engine/ec2/spot-requests.ts';
import { checkedSpotOptions } from '../../engine/ec2/template-launch.ts';
import type { Engine } from '../../engine/engine.ts';
import { ServiceError } from '../../engine/errors.ts';
import type { Operation } from '../service.ts';
import { SPOT_REQUEST_FILTERS } from './filter-names.ts';
import { filtered } from './filters.ts';
import { groupSet, profileArn } from './instance-view.ts';
import { LAUNCH_TEMPLATE_DATA } from './launch-members.ts';
import { readMembers } from './members.ts';
import { page } from './paging.ts';
import { tagSet, tagSpecifications } from './tag-wire.ts';
import { viewFields } from './view-fields.ts';
import { zoneId } from './zones.ts';

const PRODUCT = 'Linux/UNIX';

const RequestSpotInstances: Operation = (input, { engine }) => {
  const { ClientToken: _token, ...parameters } = input.values;
  const given = input.object('LaunchSpecification') ?? input.replaced({});
  given.require('ImageId');
  const spec = launchSpecOf(engine, readMembers(LAUNCH_TEMPLATE_DATA, given) as LaunchTemplateData);
  const options = checkedSpotOptions({
    maxPrice: input.text('SpotPrice'),
    type: input.text('Type'),
    behavior: input.text('InstanceInterruptionBehavior'),
    validUntil: input.text('ValidUntil'),
  });
  const type = 'spot-instances-request';
  const tags = tagSpecifications(input, [type])[type] ?? {};
  const subnetId = given.text('SubnetId') ?? spec.subnetId;
  const ids = once(engine, 'RequestSpotInstances', input.text('ClientToken'), parameters, () =>
    Array.from(
      { length: input.int('InstanceCount') ?? 1 },
      () => openSpotRequest(engine, { ...spec, subnetId }, options, tags).requestId,
    ),
  );
  return { spotInstanceRequestSet: ids.map((id) => requestView(engine, findSpotRequest(engine, id))) };
};

const DescribeSpotInstanceRequests: Operation = (input, { engine }) => {
  const ids = input.list('SpotInstanceRequestId');
  const known = ids.length > 0 ? ids.map((id) => findSpotRequest(engine, id)) : spotRequests(engine).all();
  const found = filtered(input, known, {
    'spot-instance-request-id': (r) => r.requestId,
    state: (r) => r.state,
    'status-code': (r) => r.status.code,
    'status-message': (r) => r.status.message,
    'instance-id': (r) => r.instanceId,
    type: (r) => r.options.type,
    'spot-price': (r) => r.options.maxPrice,
    'create-time': (r) => new Date(r.createdAt).toISOString(),
    'launched-availability-zone': (r) => r.zone,
    'product-description': () => PRODUCT,
    'launch.image-id': (r) => r.spec.imageId,
    'launch.instance-type': (r) => r.spec.instanceType,
    'launch.key-name': (r) => r.spec.keyName,
    'launch.group-id': (r) => r.spec.securityGroupIds,
    'launch.monitoring-enabled': (r) => r.spec.monitoring ?? false,
    'fault-code': (r) => r.fault?.code,
    'fault-message': (r) => r.fault?.message,
    ...viewFields<SpotRequestRecord>(SPOT_REQUEST_FILTERS, (r) => requestView(engine, r)),
  });
  const { items, nextToken } = page(input, found, (r) => r.requestId, 5);
  return { spotInstanceRequestSet: items.map((request) => requestView(engine, request)), nextToken };
};

function requestView(engine: Engine, r: SpotRequestRecord) {
  const { spec, options } = r;
  return {
    spotInstanceRequestId: r.requestId,
    spotPrice: options.maxPrice,
    type: options.type,
    state: r.state,
    fault: r.fault,
    status: { code: r.status.code, updateTime: new Date(r.status.at), message: r.status.message },
    launchSpecification: {
      imageId: spec.imageId,
      instanceType: spec.instanceType,
      keyName: spec.keyName,
      groupSet: groupSet(engine, spec.securityGroupIds ?? []),
      subnetId: spec.subnetId,
      placement: spec.zone && { availabilityZone: spec.zone },
      iamInstanceProfile: spec.profile && { arn: profileArn(engine, spec.profile) },
      ebsOptimized: spec.ebsOptimized,
      monitoring: { enabled: spec.monitoring ?? false },
    },
    instanceId: r.instanceId,
    createTime: new Date(r.createdAt),
    validUntil: options.validUntil && new Date(options.validUntil),
    productDescription: PRODUCT,
    launchedAvailabilityZone: r.zone,
    instanceInterruptionBehavior: options.behavior,
    tagSet: tagSet(r.tags),
  };
}

const CancelSpotInstanceRequests: Operation = (input, { engine }) => {
  const ids = input.list('SpotInstanceRequestId');
  if (ids.length === 0) input.require('SpotInstanceRequestId');
  for (const id of ids) findSpotRequest(engine, id);
  return {
    spotInstanceRequestSet: ids.map((id) => ({
      spotInstanceRequestId: id,
      state: cancelSpotRequest(engine, id).state,
    })),
  };
};

/** Prices never change here: the history of each type and zone is one entry, as old as the day. */
const DescribeSpotPriceHistory: Operation = (input, { engine }) => {
  const types = input.list('InstanceType');
  const unknown = types.find((type) => !INSTANCE_TYPES.has(type));
  if (unknown !== undefined) {
    throw new ServiceError('InvalidParameterValue', `Invalid value '${unknown}' for InstanceType.`);
  }
  const timestamp = new Date(engine.clock.now());
  timestamp.setUTCHours(0, 0, 0, 0);
  const zone = input.text('AvailabilityZone');
  const products = input.list('ProductDescription');
  const shown = products.length === 0 || products.some((product) => product.startsWith(PRODUCT));
  const all = (types.length > 0 ? types : [...INSTANCE_TYPES.keys()]).flatMap((type) =>
    zones(engine)
      .filter((name) => shown && (zone === undefined || name === zone))
      .map((name) => ({ type, zone: name, price: spotPrice(type, name).toFixed(6) })),
  );
  const found = filtered(input, all, {
    'availability-zone': (p) => p.zone,
    'instance-type': (p) => p.type,
    'product-description': () => PRODUCT,
    'spot-price': (p) => p.price,
    'availability-zone-id': (p) => zoneId(engine, p.zone),
    timestamp: () => timestamp.toISOString(),
  });
  const { items, nextToken } = page(input, found, (p) => `${p.type}/${p.zone}`);
  return {
    spotPriceHistorySet: items.map((p) => ({
      instanceType: p.type,
      productDescription: PRODUCT,
      spotPrice: p.price,
      timestamp,
      availabilityZone: p.zone,
    })),
    nextToken,
  };
};

export const spotOperations: Record<string, Operation> = {
  RequestSpotInstances,
  DescribeSpotInstanceRequests,
  CancelSpotInstanceRequests,
  DescribeSpotPriceHistory,
};
