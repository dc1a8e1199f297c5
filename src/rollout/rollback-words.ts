import { count } from '../run/format.ts';
import type { PastRelease } from './history.ts';
import { nameOf } from './rollback-target.ts';
import type { Way } from './rollback-ways.ts';
import type { Found } from './setback.ts';

/** What will be done, in one sentence. */
export function planSentence(found: Found, target: PastRelease, way: Way): string {
  const { colours, current, releases } = found.setback.history;
  const here = releases.find(({ version }) => version === current);
  const proof = target.verified ? 'verified' : 'not verified';
  const commit = target.gitCommit === undefined ? '' : `, git ${target.gitCommit.slice(0, 7)}`;
  const goal = `${nameOf(target)}${commit}, ${proof}`;
  if (way.by === 'nothing') {
    const why = found.setback.undone ? 'the last rollout has left nothing to take back' : 'it is there';
    return `${colours.front.name} runs ${goal}: ${why}, and nothing is replaced`;
  }
  const from = here && here !== target ? ` from ${nameOf(here)}` : '';
  return `${colours.front.name} goes back${from} to ${goal}: ${howOf(found, target, way)}`;
}

/** The title of one step. */
export function wayWords(found: Found, target: PastRelease, way: Way): string {
  const { colours } = found.setback.history;
  switch (way.by) {
    case 'undo':
      return 'Undoing the change of colours that was cut short';
    case 'turn':
      return `Rolling back the instance refresh of ${colours.front.name}`;
    case 'follow':
      return `Following the way back to ${nameOf(target)} that is under way`;
    case 'cancel':
      return `Stopping the instance refresh of ${colours.front.name}, which leads elsewhere`;
    case 'cutover':
      return `Putting ${colours.back?.name} in front with ${nameOf(target)}`;
    default:
      return `Replacing the instances of ${colours.front.name} by ${nameOf(target)}`;
  }
}

function howOf({ refresh, setback, situationFor }: Found, target: PastRelease, way: Way): string {
  const { front, back } = setback.history.colours;
  const { others } = situationFor(target.version).front;
  const replaced = `${count(others, 'instance')} to replace, each launched before one is ended`;
  switch (way.by) {
    case 'undo':
      return 'a change of colours that was cut short is undone first';
    case 'turn':
      return `the instance refresh that is ${refresh?.state} at ${refresh?.percent} % is rolled back`;
    case 'follow':
      return 'an instance refresh on its way there is under way already and is followed to its end';
    case 'cancel':
      return `the instance refresh that is ${refresh?.state} leads elsewhere: it is stopped, then ${replaced}`;
    case 'cutover':
      return way.empty
        ? `${back?.name} is brought to the size of ${front.name}, then takes over`
        : `${back?.name} takes over; ${front.name} is kept`;
    default:
      return replaced;
  }
}
