import type { Service } from '../service.ts';
import * as activities from './activity-operations.ts';
import * as groups from './group-operations.ts';
import * as hooks from './hook-operations.ts';
import * as members from './member-operations.ts';
import * as refreshes from './refresh-operations.ts';
import * as settings from './settings-operations.ts';
import * as tags from './tag-operations.ts';

/** Auto Scaling, API version 2011-01-01. */
export function autoScalingService(): Service {
  return {
    signingName: 'autoscaling',
    form: {
      dialect: 'query',
      xmlns: 'http://autoscaling.amazonaws.com/doc/2011-01-01/',
      operations: {
        ...groups,
        ...members,
        ...activities,
        ...hooks,
        ...refreshes,
        ...settings,
        ...tags,
      },
    },
  };
}
