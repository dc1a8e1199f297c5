import { z } from 'zod';

/** What a configuration must have for a scenario to say anything about it. */
export const NEEDS = [
  'fleet',
  'in-place',
  'aws',
  'rolling',
  'blue-green',
  'smoke',
  'queue',
  'alarm',
  'spot',
  'zones',
  'short-grace',
] as const;

export type Need = (typeof NEEDS)[number];

/** A scenario file. Every key is documented here, where it is defined. */
export const scenarioSchema = z
  .strictObject({
    title: z.string().min(1).describe('What is tried, in a few words.'),
    about: z.string().min(1).describe('What happens, in a sentence.'),
    needs: z
      .array(z.enum(NEEDS))
      .default([])
      .describe('Without these the scenario is left out, and the report says why.'),
    command: z
      .enum(['rollout', 'build'])
      .default('rollout')
      .describe('What is run: `bake rollout` of a release that the fleet does not run, or `bake build`.'),
    release: z
      .enum(['well', 'broken'])
      .default('well')
      .describe('The release: as configured, or with services that end as soon as they are started.'),
    faults: z
      .record(z.string(), z.unknown())
      .optional()
      .describe(
        'Faults of the local cloud while the command runs (docs/local-cloud.md). ${image}, ${fleet.type}, ${builder.type} and ${zone} are filled in.',
      ),
    messages: z
      .int()
      .min(0)
      .max(1000)
      .default(0)
      .describe('So many jobs lie in the queue when the command begins, and each must be processed.'),
    at: z
      .strictObject({
        step: z
          .array(z.string())
          .min(1)
          .describe('At the first of these steps (docs/events.md); `*` at the end stands for anything.'),
        percent: z.number().min(0).max(100).optional().describe('Not before the step is so far.'),
        says: z
          .string()
          .optional()
          .describe('Not before what happens within the step is told with these words in it.'),
        do: z
          .enum(['kill', 'alarm', 'end-instance'])
          .describe(
            'kill: bake itself, without warning (SIGKILL). alarm: the first of `rollout.alarms` goes off. end-instance: the machine under an instance of the old release fails.',
          ),
      })
      .optional()
      .describe('What happens in the middle of the command.'),
    afterwards: z
      .array(z.enum(['resume', 'gc', 'again']))
      .default([])
      .describe('What is run afterwards: the same command with --resume, `bake gc`, the same command again.'),
    expect: z
      .enum(['released', 'held', 'either'])
      .describe(
        'released: the command succeeds in the end, and the fleet runs the new release. held: it fails, and the fleet runs the release that it ran before. either: one of both, and nothing between.',
      ),
    means: z.string().min(1).describe('What it means for the user when it went as expected.'),
    otherwise: z.string().min(1).describe('What to look at when it did not.'),
  })
  .meta({ title: 'bake rehearse: scenario file' });

export interface Scenario extends z.output<typeof scenarioSchema> {
  /** The name of its file. */
  name: string;
}
