import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { manifestFile, replace } from './manifest.ts';
import type { Manifest } from './manifest-schema.ts';
import type { InstalledPackage, Inventory } from './packages.ts';

/** What the bill of materials is about. */
export interface Subject {
  /** Name of the cloud's image. */
  name: string;
  release: string;
  imageId: string;
  /** Milliseconds since the epoch. */
  builtAt: number;
}

/** The packages of an image as a CycloneDX 1.6 document (https://cyclonedx.org/docs/1.6/json/). */
export function cycloneDx(subject: Subject, { system, packages }: Inventory): object {
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${uuidOf(subject.imageId)}`,
    version: 1,
    metadata: {
      timestamp: new Date(subject.builtAt).toISOString(),
      tools: { components: [{ type: 'application', name: 'bake' }] },
      component: {
        type: 'operating-system',
        'bom-ref': subject.imageId,
        name: subject.name,
        version: subject.release,
      },
    },
    components: packages.map((item) => {
      const purl = packageUrl(item, system);
      return { type: 'library', 'bom-ref': purl, name: item.name, version: item.version, purl };
    }),
  };
}

/** Writes it beside the manifest and says what the manifest tells of it. */
export function writeSbom(
  directory: string,
  image: string | undefined,
  subject: Subject,
  inventory: Inventory,
): NonNullable<Manifest['packages']> {
  const file = `sbom${image === undefined ? '' : `-${image}`}.cdx.json`;
  replace(join(dirname(manifestFile(directory)), file), cycloneDx(subject, inventory));
  return { file, count: inventory.packages.length };
}

/** https://github.com/package-url/purl-spec: type/namespace/name@version?qualifiers */
function packageUrl(
  { type, name, version, architecture }: InstalledPackage,
  system: Inventory['system'],
): string {
  // Names of Python's packages are compared in lower case, with hyphens.
  if (type === 'pypi')
    return `pkg:pypi/${encode(name.toLowerCase().replaceAll('_', '-'))}@${encode(version)}`;
  const [, epoch, rest = version] = (type === 'rpm' && /^(\d+):(.*)$/.exec(version)) || [];
  const qualifiers = {
    arch: architecture,
    distro: [system.id, system.version].filter(Boolean).join('-'),
    epoch,
  };
  const query = Object.entries(qualifiers).flatMap(([key, value]) =>
    value ? [`${key}=${encode(value)}`] : [],
  );
  return `pkg:${type}/${encode(system.id)}/${encode(name)}@${encode(rest)}?${query.join('&')}`;
}

const encode = (text: string): string => encodeURIComponent(text).replaceAll('%3A', ':');

/** The same image, the same serial number: RFC 4122, version 5 in form. */
function uuidOf(text: string): string {
  const hash = createHash('sha256').update(text).digest('hex');
  const variant = ((Number.parseInt(hash[16]!, 16) & 0x3) | 0x8).toString(16);
  return [
    hash.slice(0, 8),
    hash.slice(8, 12),
    `5${hash.slice(13, 16)}`,
    `${variant}${hash.slice(17, 20)}`,
    hash.slice(20, 32),
  ].join('-');
}
