import * as sdk from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { VirtualClock } from '../../../src/localcloud/engine/clock.ts';
import { installEc2 } from '../../../src/localcloud/engine/ec2/index.ts';
import { ec2Service } from '../../../src/localcloud/wire/ec2/index.ts';
import type { Operation } from '../../../src/localcloud/wire/service.ts';
import { startCloud, type TestCloud } from '../../helpers/cloud.ts';
import { STEPS } from '../../helpers/ec2-steps.ts';
import { strangeParts } from '../../helpers/sdk-schema.ts';

// One call of every operation there is, by Amazon's own client, in an order in which each has something to work on. What the
// operations answer is held against the client's own schemas: no element that it does not know, none of another type.

const clock = new VirtualClock();
const answers = new Map<string, unknown>();
let cloud: TestCloud;
let client: sdk.EC2Client;

beforeAll(async () => {
  cloud = await startCloud({
    clock,
    services: (engine) => {
      installEc2(engine);
      const service = ec2Service();
      const form = service.form as NonNullable<typeof service.form>;
      const noted = Object.entries(form.operations).map(([name, operation]) => [
        name,
        noting(name, operation),
      ]);
      return [{ ...service, form: { ...form, operations: Object.fromEntries(noted) } }];
    },
  });
  client = new sdk.EC2Client(cloud.client);
});
afterAll(() => cloud.close());

const noting =
  (name: string, operation: Operation): Operation =>
  async (input, context) => {
    const answer = await operation(input, context);
    answers.set(name, answer);
    return answer;
  };

const exported = sdk as unknown as Record<string, new (input: object) => never>;

test.each(STEPS.map(([operation, input, keep], index) => ({ step: index + 1, operation, input, keep })))(
  '$operation (step $step) answers what the client knows',
  async ({ operation, input, keep }) => {
    const Command = exported[`${operation}Command`] as new (input: object) => never;
    const out = await client.send(new Command(input?.(cloud.engine) ?? {}));
    keep?.(out);
    expect(strangeParts(exported[`${operation}$`], answers.get(operation))).toEqual([]);
    clock.advance(2_000);
  },
);

test('no operation was left out', () => {
  const all = Object.keys(ec2Service().form?.operations ?? {});
  expect(all.filter((name) => !STEPS.some(([operation]) => operation === name))).toEqual([]);
});
