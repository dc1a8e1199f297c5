import type { Cloud, LaunchSettings, LaunchTemplate } from '../clouds/cloud.ts';
import type { Run } from '../run/run.ts';
import { diffSettings } from './diff.ts';

/**
 * The number of the launch template version with these settings: an identical one that exists (the newest), or a new one made
 * from version `source`. Neither the default version nor any group is moved. A repeated run makes no second version.
 */
export async function ensureVersion(
  run: Run,
  cloud: Cloud,
  request: { template: LaunchTemplate; settings: LaunchSettings; description: string; source?: number },
): Promise<{ version: number; created: boolean }> {
  const { template, settings, description, source } = request;
  const same = await findVersion(cloud, template.id, settings);
  if (same !== undefined) return { version: same, created: false };
  const kind = 'launch template version';
  run.journal.write({ entry: 'intend', kind, name: template.name });
  const version = await cloud.templates.createVersion({
    token: `${run.id}-version`,
    templateId: template.id,
    source,
    description,
    settings,
  });
  run.journal.write({ entry: 'made', kind, name: template.name, id: String(version) });
  return { version, created: true };
}

/** The newest version that launches the same; undefined where none does. */
export async function findVersion(
  cloud: Cloud,
  templateId: string,
  settings: LaunchSettings,
): Promise<number | undefined> {
  const versions = await cloud.templates.versions(templateId);
  return versions.find((known) => diffSettings(known.settings, settings).length === 0)?.version;
}
