import { forgetDecisions, recordedDecisions } from '../../src/localcloud/engine/iam/enforcement.ts';
import type { TestCloud } from './cloud.ts';

/** The three scaling files that come with bake, for queue `jobs`. */
export const THREE_FILES = [
  { policy: 'bake:backlog', variables: { queue: 'jobs', target: '5' } },
  { policy: 'bake:emergency', variables: { queue: 'jobs', high: '50', veryHigh: '200' } },
  { policy: 'bake:weekdays', variables: { timeZone: 'Asia/Tokyo', day: '3', night: '1' } },
];

/** May do everything, by a policy: what is asked is recorded then. */
export const EVERYTHING = {
  Version: '2012-10-17',
  Statement: [{ Sid: 'All', Effect: 'Allow', Action: '*', Resource: '*' }],
};

/** The actions that were asked for during some work, without those that only look. */
export async function writingActions({ engine }: TestCloud, work: () => Promise<unknown>): Promise<string[]> {
  forgetDecisions(engine);
  await work();
  const asked = recordedDecisions(engine).map(({ action }) => action);
  return [...new Set(asked)].filter((action) => !/:(Describe|Get|List)/.test(action)).sort();
}
