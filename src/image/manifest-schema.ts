import { z } from 'zod';

const digest = z.string().describe('SHA-256, hexadecimal.');
const stepTimes = z
  .array(
    z.object({
      step: z.string().describe('Name of the step; a part of one is step/part.'),
      durationMs: z.number(),
      pollingMs: z.number().optional().describe('Of it, at most this much between the last two looks.'),
    }),
  )
  .describe('How long each step took, in the order of their ends, milliseconds.');

const imageManifest = z.object({
  version: z.literal(1),
  project: z.string(),
  environment: z.string(),
  image: z.string().optional().describe('Which of the images of bake.yaml, when it names several.'),
  cloud: z.object({ kind: z.string(), region: z.string(), local: z.boolean() }),
  run: z.string().describe('The run that made it: the value of the tag bake:run.'),
  release: z.string(),
  images: z.record(z.string(), z.string()).describe('Image ids by region.'),
  fingerprint: digest,
  base: z.object({ id: z.string(), name: z.string() }),
  git: z
    .object({ commit: z.string(), dirty: z.boolean().describe('There were changes that no commit holds.') })
    .optional()
    .describe('The commit that was checked out.'),
  layers: z.array(
    z.object({
      name: z.string(),
      fingerprint: digest,
      built: z.boolean().describe('False: taken over from an image that was there.'),
      inputs: z.record(z.string(), z.string()).describe('What went into it, and the digest of each.'),
    }),
  ),
  packages: z
    .object({
      file: z.string().describe('Software bill of materials (CycloneDX, JSON), relative to this file.'),
      count: z.int(),
    })
    .optional()
    .describe('The packages installed in the image.'),
  checklist: z
    .array(z.object({ check: z.string(), ok: z.boolean(), detail: z.string().optional() }))
    .describe('What was checked on the finished image.'),
  steps: stepTimes,
  pollingMs: z.number().describe('The most that was lost by waiting between polls, milliseconds.'),
  builtAt: z.string().describe('ISO 8601.'),
});

const severalImages = z.object({
  version: z.literal(1),
  project: z.string(),
  environment: z.string(),
  builds: z.record(z.string(), imageManifest).describe('The images of bake.yaml by name.'),
});

/** The manifest file: of the one image, or of several by name. */
export const manifestFileSchema = z.union([imageManifest, severalImages]).meta({
  title: 'bake manifest',
  description: '.bake/manifest.json: what the last builds made, for machines.',
});

export type Manifest = z.output<typeof imageManifest>;
export type ManifestFile = z.output<typeof manifestFileSchema>;

/** The JSON schema of the manifest (`schema/manifest.schema.json`). */
export const manifestJsonSchema = () => z.toJSONSchema(manifestFileSchema);
