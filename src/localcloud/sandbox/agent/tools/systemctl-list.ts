import { unitFileState } from '../units/install.ts';
import { unitFileNames } from '../units/search.ts';
import type { Command } from './systemctl.ts';

/** `*` as in a shell. */
const matcher = (patterns: string[]) => {
  const expressions = patterns.map(
    (pattern) => new RegExp(`^${pattern.replace(/[.\\+?()[\]{}|^$]/g, '\\$&').replaceAll('*', '.*')}$`),
  );
  return (name: string) =>
    expressions.length === 0 ||
    expressions.some(
      (expression) => expression.test(name) || expression.test(name.replace(/\.service$/, '')),
    );
};

/** Rows in columns as wide as their widest cell; the last one as it is. */
function table(rows: string[][]): string {
  const widths =
    rows[0]?.map((_, column) => Math.max(...rows.map((row) => (row[column] as string).length))) ?? [];
  const lines = rows.map((row) =>
    row
      .map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] as number)))
      .join(' '),
  );
  return lines.map((line) => `${line.trimEnd()}\n`).join('');
}

const listUnits: Command = async ({ words, options, io, machine }) => {
  const states = options.values.get('state')?.flatMap((list) => list.split(',')) ?? [];
  if (options.flags.has('failed')) states.push('failed');
  const types = options.values.get('type')?.flatMap((list) => list.split(',')) ?? ['service'];
  const matches = matcher(words);
  const shown = machine.manager.services
    .filter((service) => types.includes('service') && matches(service.name))
    .filter((service) =>
      states.length > 0
        ? states.some((state) => [service.active, service.sub, service.unit.loadState].includes(state))
        : options.flags.has('all') || service.active !== 'inactive',
    )
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const rows = shown.map((service) => [
    `${options.flags.has('plain') ? '' : service.active === 'failed' ? '● ' : '  '}${service.name}`,
    service.unit.loadState,
    service.active,
    service.sub,
    service.description,
  ]);
  const legend = !options.flags.has('no-legend');
  io.out(table(legend ? [['  UNIT', 'LOAD', 'ACTIVE', 'SUB', 'DESCRIPTION'], ...rows] : rows));
  if (legend) io.out(`${rows.length} loaded units listed.\n`);
  return 0;
};

export const LIST_COMMANDS: Record<string, Command> = {
  'list-units': listUnits,
  'list-unit-files': async ({ words, options, io }) => {
    const states = options.values.get('state')?.flatMap((list) => list.split(','));
    const types = options.values.get('type')?.flatMap((list) => list.split(','));
    const matches = matcher(words);
    const rows = unitFileNames()
      .filter((name) => matches(name) && (types?.some((type) => name.endsWith(`.${type}`)) ?? true))
      .map((name) => [name, unitFileState(name) ?? 'bad', 'enabled'])
      .filter(([, state]) => states?.includes(state as string) ?? true);
    const legend = !options.flags.has('no-legend');
    io.out(table(legend ? [['UNIT FILE', 'STATE', 'PRESET'], ...rows] : rows));
    if (legend) io.out(`\n${rows.length} unit files listed.\n`);
    return rows.length > 0 || words.length === 0 ? 0 : 1;
  },
  'list-timers': async ({ io }) => {
    io.out('0 timers listed.\n');
    return 0;
  },
  'list-jobs': async ({ io }) => {
    io.out('No jobs running.\n');
    return 0;
  },
};
