import type { RunEvent, RunEventBody } from '../../src/run/events.ts';

type Field = 'required' | 'optional';
type FieldsOf<T> = { [K in Exclude<keyof T, 'type'>]-?: object extends Pick<T, K> ? 'optional' : 'required' };

/** Every event with its fields. The compiler keeps it as `src/run/events.ts` has it: nothing more, nothing less. */
export const EVENT_FIELDS: {
  [T in RunEventBody['type']]: FieldsOf<Extract<RunEventBody, { type: T }>>;
} = {
  'run.started': {
    command: 'required',
    project: 'required',
    environment: 'required',
    cloud: 'required',
    region: 'required',
  },
  'step.started': { step: 'required', title: 'required' },
  'step.progress': { step: 'required', message: 'required', percent: 'optional', remainingMs: 'optional' },
  'step.output': { step: 'required', source: 'required', line: 'required' },
  'step.finished': { step: 'required', title: 'required', summary: 'optional', durationMs: 'required' },
  'step.skipped': { step: 'required', title: 'required', reason: 'required' },
  'step.failed': { step: 'required', title: 'required', message: 'required', durationMs: 'required' },
  note: { message: 'required' },
  warning: { message: 'required' },
  'fleet.seen': { group: 'required', desired: 'required', instances: 'required', gone: 'required' },
  fact: { name: 'required', value: 'required' },
  'run.finished': {
    ok: 'required',
    durationMs: 'required',
    headline: 'required',
    changed: 'required',
    next: 'required',
    report: 'optional',
    error: 'optional',
  },
};

/** What is not as documented in events that really happened, a line each. */
export function strangeIn(events: RunEvent[]): string[] {
  return events.flatMap((event) => {
    const fields = EVENT_FIELDS[event.type] as Record<string, Field>;
    const { time, run, type, ...body } = JSON.parse(JSON.stringify(event));
    const unknown = Object.keys(body).filter((field) => !(field in fields));
    const missing = Object.keys(fields).filter((field) => fields[field] === 'required' && !(field in body));
    return [
      ...unknown.map((field) => `${type}.${field} is not documented`),
      ...missing.map((field) => `${type}.${field} is missing`),
      ...(Number.isNaN(Date.parse(time)) || typeof run !== 'string' ? [`${type} without time or run`] : []),
    ];
  });
}
