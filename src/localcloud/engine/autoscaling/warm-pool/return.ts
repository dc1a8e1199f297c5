import type { Engine } from '../../engine.ts';
import { type MemberRecord, members } from '../members.ts';

/** A scale-in with ReuseOnScaleIn: back to the pool instead of its end. */
export function returnToPool(engine: Engine, member: MemberRecord): void {
  members(engine).patch(member.instanceId, {
    state: 'Warmed:Pending',
    since: engine.clock.now(),
    actions: [],
    returns: undefined,
    targets: undefined,
    protected: false,
  });
}
