import { readFileSync } from 'node:fs';
import type { BootSettings } from '../settings.ts';

/** Where the real agent, too, looks for what it has been told (`amazon-cloudwatch-agent-ctl`, `bake:cloudwatch-agent`). */
export const CONFIG_FILE = '/opt/aws/amazon-cloudwatch-agent/etc/amazon-cloudwatch-agent.json';

/** A file whose lines are sent. */
export interface Collected {
  file: string;
  group: string;
  stream: string;
}

interface ConfigFile {
  logs?: {
    log_stream_name?: string;
    logs_collected?: {
      files?: {
        collect_list?: { file_path?: string; log_group_name?: string; log_stream_name?: string }[];
      };
    };
  };
}

type Names = Pick<BootSettings, 'instanceId' | 'hostname' | 'address'>;

/**
 * The log files of the agent's configuration, with the names of this instance filled in. Metrics are not collected here.
 * Source: Amazon CloudWatch user guide, "CloudWatch agent configuration file: Logs section", with its defaults.
 */
export function collectedFiles(text: string, names: Names): Collected[] {
  const { logs } = JSON.parse(text) as ConfigFile;
  const fill = (template: string) =>
    template
      .replaceAll('{instance_id}', names.instanceId)
      .replaceAll(/\{(local_)?hostname\}/g, names.hostname)
      .replaceAll('{ip_address}', names.address);
  return (logs?.logs_collected?.files?.collect_list ?? []).flatMap((entry) => {
    if (entry.file_path === undefined) return [];
    const group = fill(entry.log_group_name ?? entry.file_path.replace(/^\//, '').replaceAll('/', '_'));
    const stream = fill(entry.log_stream_name ?? logs?.log_stream_name ?? '{instance_id}');
    return [{ file: entry.file_path, group, stream }];
  });
}

export const readCollected = (names: Names): Collected[] =>
  collectedFiles(readFileSync(CONFIG_FILE, 'utf8'), names);
