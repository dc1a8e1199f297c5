import type { Facts } from '../facts.ts';
import type { Finding } from '../finding.ts';
import { fewLines, groupedBy, onInstances } from './words.ts';

/** AWS's sentence, as every SDK hands it on. */
const DENIED =
  /not authorized to perform:? ([a-z0-9-]+:[A-Za-z]+)(?:.*?on resource:? (\S+?)[\s,.]*(?=\s|$))?/;
const ROLE = /assumed-role\/([\w+=,.@-]+)/;
/** A denial without the sentence. */
const REFUSED = /AccessDenied|UnauthorizedOperation|not authorized to perform/;
const NO_CREDENTIALS =
  /Unable to locate credentials|Could not load credentials|NoCredentialProviders|CredentialsProviderError/;

interface Line {
  id: string | undefined;
  text: string;
}

/** What instances were refused, by action; and instances that have no credentials at all. Pure. */
export function missingPermission(facts: Facts): Finding[] {
  const lines = tellingLines(facts);
  return [...withoutCredentials(facts, lines), ...refused(facts, lines)];
}

/** All lines that may tell of it, with their instance. */
function tellingLines({ machines, telling, userData }: Facts): Line[] {
  return [
    ...machines.flatMap(({ id, telling, broken }) =>
      [...telling, ...broken.flatMap(({ journal }) => journal)].map((text) => ({ id, text })),
    ),
    ...telling.map(({ stream, message }) => ({ id: /i-[0-9a-f]{8,17}/.exec(stream)?.[0], text: message })),
    ...userData.flatMap(({ id, lines }) => lines.map((text) => ({ id, text }))),
  ];
}

function refused(facts: Facts, lines: Line[]): Finding[] {
  const denials = lines.filter(({ text }) => REFUSED.test(text));
  const actionOf = ({ text }: Line) => DENIED.exec(text)?.[1] ?? '';
  const known = groupedBy(denials, actionOf);
  // "AccessDenied" alone is the same denial in other words, where some line names the action.
  const named = known.length > 1 ? known.filter(([action]) => action !== '') : known;
  return named.map(([action, ones]) => {
    const resource = ones.map(({ text }) => DENIED.exec(text)?.[2]).find((found) => found !== undefined);
    const role = ones.map(({ text }) => ROLE.exec(text)?.[1]).find((found) => found !== undefined);
    const what = action === '' ? 'something' : action;
    return {
      cause: 'missing permission',
      weight: 'certain',
      summary: `instances are refused ${what}${resource ? ` on ${resource}` : ''}${where(ones, facts)}`,
      evidence: fewLines(ones.map(told), 4),
      advice: [
        `Allow ${action === '' ? 'what the line names' : action} in ${role ? `role ${role}` : 'the role of the instance profile'}; running instances have it within a minute.`,
      ],
    };
  });
}

function withoutCredentials(facts: Facts, lines: Line[]): Finding[] {
  const said = lines.filter(({ text }) => NO_CREDENTIALS.test(text));
  const bare = facts.instances.filter(({ machine }) => machine && machine.instanceProfile === undefined);
  const silent = bare.filter(({ id }) => facts.silent.includes(id));
  if (said.length === 0 && silent.length === 0) return [];
  const ids = (said.length > 0 ? said : silent).map(({ id }) => id).filter((id) => id !== undefined);
  return [
    {
      cause: 'missing permission',
      weight: said.length > 0 ? 'certain' : 'likely',
      summary: `instances have no credentials${ids.length > 0 ? ` ${onInstances(ids, facts)}` : ''}${bare.length > 0 ? ': they have no instance profile' : ''}`,
      evidence: fewLines([
        ...said.map(told),
        ...bare.map(({ id }) => `${id}: no instance profile`),
        ...silent.map(({ id }) => `${id}: its agent does not answer, as it could not without credentials`),
      ]),
      advice: ['Name a profile in fleet.instanceProfile, then `bake fleet apply` and `bake rollout`.'],
    },
  ];
}

const told = ({ id, text }: Line): string => (id === undefined ? text : `${id}: ${text.trim()}`);

function where(lines: Line[], facts: Facts): string {
  const ids = lines.map(({ id }) => id).filter((id) => id !== undefined);
  return ids.length > 0 ? ` ${onInstances(ids, facts)}` : '';
}
