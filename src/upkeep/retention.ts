import { imagesOf } from '../image/images.ts';
import { TAG } from '../run/tags.ts';
import type { Collector } from './gc-collector.ts';
import { temporary } from './gc-plan.ts';
import { outdated } from './retention-plan.ts';
import { launchedLately, usesOf } from './retention-uses.ts';

/**
 * Removes releases and layer images that have had their time (`image.keep`), with their snapshots, and says which have to stay and
 * why. Layer images are left alone while a build may be starting from one.
 */
export async function retention(
  collector: Collector,
  { home, now }: { home: boolean; now: number },
): Promise<void> {
  const { cloud, project, run, tags } = collector;
  const configs = imagesOf(project).map(({ config }) => config);
  if (configs.every(({ image }) => image.keep === undefined)) return;
  const keepOf = (name: string | undefined) =>
    configs.find(({ imageName }) => imageName === name)?.image.keep;
  const [found, machines] = await Promise.all([
    cloud.images.findByTags(tags),
    home ? cloud.instances.findByTags(tags) : [],
  ]);
  const building = machines.some(
    (machine) => machine.state !== 'terminated' && (temporary('instance', machine)?.expiresAt ?? 0) > now,
  );
  const images = building ? found.filter((image) => image.tags[TAG.release] !== undefined) : found;
  const beyond = outdated(images, keepOf, () => undefined).remove;
  // The local cloud has no instances outside its own region, and refuses to be asked.
  const known = home || !cloud.local;
  const uses = known
    ? await usesOf(
        cloud,
        beyond.map(({ image }) => image.id),
      )
    : new Map<string, string>();
  const shared = configs.some(
    ({ image: { distribute } }) => distribute.accounts.length + distribute.organizations.length > 0,
  );
  const { remove, stay } = outdated(
    images,
    keepOf,
    (image) => uses.get(image.id) ?? (shared ? launchedLately(image, now) : undefined),
  );
  for (const { image, why } of stay) run.note(`${image.name} (${image.id}) stays: ${why}`);
  for (const { image, why } of remove) await collector.removeImage(image, why);
}
