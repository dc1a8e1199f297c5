import { count, formatBytes } from '../../../run/format.ts';
import { mergeEvidence } from '../../evidence.ts';
import { readFailedUnits } from '../../failed-units.ts';
import type { Facts } from '../facts.ts';
import type { Finding } from '../finding.ts';
import type { BrokenUnit } from '../machine-report.ts';
import { TELLING } from '../machine-script.ts';
import { fewLines, onInstances } from './words.ts';

const OUT_OF_MEMORY =
  /heap out of memory|OutOfMemoryError|MemoryError|Cannot allocate memory|out of memory|oom-kill/i;
/** Per cent of memory below which a machine is about to be in trouble. */
const LITTLE_MEMORY = 4;

/** Services or processes that ended for lack of memory, by systemd's word, the kernel's, or the program's own. Pure. */
export function outOfMemory(facts: Facts): Finding[] {
  const evidence: { id: string; line: string }[] = [];
  for (const { id, broken, kernel, telling } of facts.machines) {
    for (const { name, result, restarts, journal } of broken) {
      if (result === 'oom-kill')
        evidence.push({
          id,
          line: `${id}: ${name} was killed by the kernel (result oom-kill, ${count(restarts, 'restart')})`,
        });
      for (const line of journal)
        if (OUT_OF_MEMORY.test(line)) evidence.push({ id, line: `${id}: ${name}: ${line.trim()}` });
    }
    for (const line of kernel) evidence.push({ id, line: `${id}: kernel: ${line.trim()}` });
    for (const line of telling)
      if (OUT_OF_MEMORY.test(line)) evidence.push({ id, line: `${id}: ${line.trim()}` });
  }
  for (const { stream, message } of facts.telling) {
    const id = /i-[0-9a-f]{8,17}/.exec(stream)?.[0];
    if (id !== undefined && OUT_OF_MEMORY.test(message))
      evidence.push({ id, line: `${id}: ${message.trim()}` });
  }
  const advice = [
    'Take an instance type with more memory (fleet.instanceType), or let the program use less: fewer jobs at a time, a smaller heap.',
  ];
  if (evidence.length > 0) {
    const ids = evidence.map(({ id }) => id);
    const summary = `processes end for lack of memory ${onInstances(ids, facts)}`;
    return [
      {
        cause: 'out of memory',
        weight: 'certain',
        summary,
        evidence: fewLines(evidence.map(({ line }) => line)),
        advice,
      },
    ];
  }
  const short = facts.machines.filter(
    ({ memory }) => memory && memory.availableKiB * 100 < memory.totalKiB * LITTLE_MEMORY,
  );
  if (short.length === 0) return [];
  return [
    {
      cause: 'out of memory',
      weight: 'possible',
      summary: `hardly any memory is left ${onInstances(
        short.map(({ id }) => id),
        facts,
      )}`,
      evidence: short.map(
        ({ id, memory }) =>
          `${id}: ${formatBytes(memory!.availableKiB * 1_024)} of ${formatBytes(memory!.totalKiB * 1_024)} available`,
      ),
      advice,
    },
  ];
}

const FULL = 99;
const NEARLY_FULL = 93;

/** Pure. */
export function diskFull(facts: Facts): Finding[] {
  const tight = facts.machines.flatMap(({ id, disks, inodesUsed = 0 }) => [
    ...disks
      .filter(({ usedPercent }) => usedPercent >= NEARLY_FULL)
      .map(({ mount, usedPercent, availableKiB }) => ({
        id,
        percent: usedPercent,
        line: `${id}: ${mount} is ${usedPercent} % full, ${formatBytes(availableKiB * 1_024)} left`,
      })),
    ...(inodesUsed >= NEARLY_FULL
      ? [{ id, percent: inodesUsed, line: `${id}: ${inodesUsed} % of the inodes of / are used` }]
      : []),
  ]);
  if (tight.length === 0) return [];
  const full = tight.some(({ percent }) => percent >= FULL);
  return [
    {
      cause: 'disk full',
      weight: full ? 'certain' : 'likely',
      summary: `the disk is ${full ? '' : 'nearly '}full ${onInstances(
        tight.map(({ id }) => id),
        facts,
      )}`,
      evidence: tight.map(({ line }) => line),
      advice: ['Make fleet.rootVolume larger, or remove what grows (`du -xh / | sort -h | tail` shows it).'],
    },
  ];
}

const explained = ({ result, journal }: BrokenUnit): boolean =>
  result === 'oom-kill' || journal.some((line) => TELLING.some((text) => line.includes(text)));

/** Services that fail for a reason of their own: one that memory or permissions explain is told there. Pure. */
export function serviceFails(facts: Facts): Finding[] {
  const failing = facts.machines.flatMap(({ id, broken }) =>
    broken.filter((unit) => !explained(unit)).map((unit) => ({ id, ...unit })),
  );
  const names = [...new Set(failing.map(({ name }) => name))];
  return names.map((name) => {
    const ones = failing.filter((unit) => unit.name === name);
    return {
      cause: 'service fails',
      weight: 'certain',
      summary: `${name} fails ${onInstances(
        ones.map(({ id }) => id),
        facts,
      )}`,
      evidence: fewLines(
        mergeEvidence(
          ones.flatMap(({ id, journal }) => readFailedUnits(`unit ${name}\n${journal.join('\n')}`, id)),
          ones.map(({ id }) => id),
        ),
      ),
      advice: [
        `What it said before it ended is above; more of it: \`journalctl -u ${name}\` on the instance.`,
        '`bake rollback` goes back to the last verified release.',
      ],
    };
  });
}
