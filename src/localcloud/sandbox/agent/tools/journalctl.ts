import type { JournalEntry } from '../journal.ts';
import type { Tool } from '../machine.ts';
import { unitName } from '../units/search.ts';
import { type ParsedOptions, parseOptions } from './options.ts';
import { parseTimestamp, shortTime } from './times.ts';

const OPTIONS: Record<string, string> = {
  ...{ u: 'unit=', unit: 'unit=', 'user-unit': 'unit=', t: 'identifier=', identifier: 'identifier=' },
  ...{ n: 'lines=', lines: 'lines=', o: 'output=', output: 'output=', g: 'grep=', grep: 'grep=' },
  ...{ S: 'since=', since: 'since=', U: 'until=', until: 'until=', p: 'priority=', priority: 'priority=' },
  ...{ f: 'follow', follow: 'follow', r: 'reverse', reverse: 'reverse', q: 'quiet', quiet: 'quiet' },
  ...{ b: 'boot', boot: 'boot', x: 'catalog', catalog: 'catalog', e: 'pager-end', 'pager-end': 'pager-end' },
  ...{
    a: 'all',
    all: 'all',
    k: 'dmesg',
    dmesg: 'dmesg',
    'no-pager': 'no-pager',
    'no-hostname': 'no-hostname',
  },
  ...{
    'no-full': 'full',
    l: 'full',
    full: 'full',
    m: 'merge',
    merge: 'merge',
    'no-tail': 'no-tail',
    utc: 'utc',
  },
  ...{ rotate: 'rotate', flush: 'flush', sync: 'flush', 'disk-usage': 'disk-usage' },
  ...{ 'vacuum-time': 'vacuum=', 'vacuum-size': 'vacuum=', 'vacuum-files': 'vacuum=' },
};

/** What the kernel says has this name. */
const KERNEL = 'kernel';

/** journalctl(1) over the agent's journal: filters, follows, prints; priorities are not kept, so `-p` filters nothing. */
export const journalctl: Tool = async (args, io, { journal, hostname }) => {
  let options: ParsedOptions;
  try {
    options = parseOptions(args.map(attachedLines), OPTIONS);
  } catch (error) {
    io.err(`journalctl: ${(error as Error).message}\n`);
    return 1;
  }
  const { flags, values } = options;
  if (values.has('vacuum')) journal.forget();
  if (values.has('vacuum') || flags.has('rotate') || flags.has('flush') || flags.has('disk-usage')) return 0;

  const times = ['since', 'until'].map((key) => values.get(key)?.at(-1));
  const [since, until] = times.map((text) => (text === undefined ? undefined : parseTimestamp(text)));
  const bad = times.find((text, index) => text !== undefined && [since, until][index] === undefined);
  if (bad !== undefined) {
    io.err(`Failed to parse timestamp: ${bad}\n`);
    return 1;
  }
  const units = values.get('unit')?.map(unitName);
  const names = values.get('identifier');
  const pattern = values.get('grep')?.at(-1);
  const expression =
    pattern === undefined ? undefined : new RegExp(pattern, /[A-Z]/.test(pattern) ? '' : 'i');
  const wanted = (entry: JournalEntry) =>
    (!flags.has('dmesg') || entry.name === KERNEL) &&
    (units?.some((unit) => matches(unit, entry.unit)) ?? true) &&
    (names?.includes(entry.name) ?? true) &&
    (expression?.test(entry.message) ?? true) &&
    entry.at >= (since ?? 0) &&
    entry.at <= (until ?? Number.POSITIVE_INFINITY);

  const form = (entry: JournalEntry) => format(entry, values.get('output')?.at(-1) ?? 'short', hostname);
  const found = journal.entries().filter(wanted);
  const lines = values.get('lines')?.at(-1) ?? (flags.has('follow') && !flags.has('no-tail') ? '10' : 'all');
  const shown = lines === 'all' ? found : Number(lines) === 0 ? [] : found.slice(-Number(lines));
  if (flags.has('reverse')) shown.reverse();
  if (shown.length > 0) io.out(shown.map(form).join(''));
  else if (!flags.has('quiet') && !flags.has('follow')) io.out('-- No entries --\n');
  if (!flags.has('follow')) return 0;
  return new Promise<number>((resolve) => {
    const stop = journal.follow((entry) => {
      if (wanted(entry)) io.out(form(entry));
    });
    io.onClose(() => {
      stop();
      resolve(0);
    });
  });
};

/** `-n50` and `-n` alone (ten lines) are common; getopt sees an optional argument there. */
const attachedLines = (arg: string, index: number, all: string[]) =>
  (arg === '-n' || arg === '--lines') && !/^(\d+|all)$/.test(all[index + 1] ?? '') ? '--lines=10' : arg;

const matches = (pattern: string, unit: string) =>
  pattern === unit ||
  (pattern.includes('*') && new RegExp(`^${pattern.split('*').map(quote).join('.*')}$`).test(unit));

const quote = (text: string) => text.replace(/[.\\+?()[\]{}|^$]/g, '\\$&');

function format(entry: JournalEntry, output: string, hostname: string): string {
  const host = hostname.split('.')[0];
  const rest = `${host} ${entry.name}[${entry.pid}]: ${entry.message}\n`;
  switch (output) {
    case 'cat':
      return `${entry.message}\n`;
    case 'json':
      return `${JSON.stringify({
        __REALTIME_TIMESTAMP: String(entry.at * 1_000),
        _HOSTNAME: host,
        _SYSTEMD_UNIT: entry.unit,
        SYSLOG_IDENTIFIER: entry.name,
        _PID: String(entry.pid),
        MESSAGE: entry.message,
      })}\n`;
    case 'short-iso':
      return `${new Date(entry.at).toISOString().replace(/\.\d+Z$/, '+0000')} ${rest}`;
    case 'short-unix':
      return `${(entry.at / 1_000).toFixed(6)} ${rest}`;
    default:
      return `${shortTime(entry.at)} ${rest}`;
  }
}
