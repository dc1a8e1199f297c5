import type { Service } from '../service.ts';
import {
  DeleteAlarms,
  DisableAlarmActions,
  EnableAlarmActions,
  PutCompositeAlarm,
  PutMetricAlarm,
  SetAlarmState,
} from './alarm-operations.ts';
import { DescribeAlarmHistory, DescribeAlarms, DescribeAlarmsForMetric } from './describe-alarms.ts';
import { PutMetricData } from './put-metric-data.ts';
import { GetMetricData, GetMetricStatistics, ListMetrics } from './read-metrics.ts';
import { ListTagsForResource, TagResource, UntagResource } from './tags.ts';

/** Amazon CloudWatch, version 2010-08-01: AWS JSON as clients speak it since 2025, and the query protocol of those before. */
export function cloudWatchService(): Service {
  const operations = {
    DeleteAlarms,
    DescribeAlarmHistory,
    DescribeAlarms,
    DescribeAlarmsForMetric,
    DisableAlarmActions,
    EnableAlarmActions,
    GetMetricData,
    GetMetricStatistics,
    ListMetrics,
    ListTagsForResource,
    PutCompositeAlarm,
    PutMetricAlarm,
    PutMetricData,
    SetAlarmState,
    TagResource,
    UntagResource,
  };
  return {
    signingName: 'monitoring',
    parameterErrors: { missing: 'MissingParameter', malformed: 'ValidationError' },
    json: {
      version: '1.0',
      targetPrefix: 'GraniteServiceVersion20100801',
      operations,
      errorShapes: SHAPES,
    },
    form: { dialect: 'query', xmlns: 'http://monitoring.amazonaws.com/doc/2010-08-01/', operations },
  };
}

const OF_CLOUDWATCH = {
  InvalidFormat: 'InvalidFormatFault',
  InvalidNextToken: 'InvalidNextToken',
  InvalidParameterCombination: 'InvalidParameterCombinationException',
  InvalidParameterValue: 'InvalidParameterValueException',
  LimitExceeded: 'LimitExceededFault',
  MissingParameter: 'MissingRequiredParameterException',
  ResourceNotFound: 'ResourceNotFound',
  ResourceNotFoundException: 'ResourceNotFoundException',
};

/** Full names of the JSON shapes. Those that the model does not list come from the framework below it. */
const SHAPES: Record<string, string> = {
  ...Object.fromEntries(
    Object.entries(OF_CLOUDWATCH).map(([code, shape]) => [code, `com.amazonaws.cloudwatch#${shape}`]),
  ),
  InvalidAction: 'com.amazon.coral.service#UnknownOperationException',
  ValidationError: 'com.amazon.coral.validate#ValidationException',
};
