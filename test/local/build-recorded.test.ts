import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { commands } from '../../src/localcloud/engine/commands/records.ts';
import { BASE, ScriptedWorld } from '../helpers/scripted-world.ts';

const SECRET = 'correct horse battery staple';

/** All that a text says, also in base64 and compressed. */
function* readable(text: string): Generator<string> {
  yield text;
  for (const [word] of text.matchAll(/[A-Za-z0-9+/]{24,}=*/g)) {
    const bytes = Buffer.from(word, 'base64');
    yield bytes.toString('latin1');
    try {
      yield* readable(gunzipSync(bytes).toString());
    } catch {} // Not compressed.
  }
}

describe('what the command service keeps of a build', () => {
  let world: ScriptedWorld;
  beforeEach(async () => {
    world = await ScriptedWorld.start();
    process.env.PASSPHRASE = SECRET;
  });
  afterEach(async () => {
    delete process.env.PASSPHRASE;
    await world.close();
  });

  it('has plain variables, and no secret that a provisioner was given or that is searched for', async () => {
    const provisioner = { inline: 'use-it', environment: { PLAIN: 'plain as day' }, secrets: ['PASSPHRASE'] };
    const other = { inline: 'other', environment: { PLAIN: 'plain as day' } };
    const layers = [
      { name: 'base-os', provisioners: [provisioner] },
      { name: 'application', provisioners: [other] },
    ];
    const built = await world.build({
      image: { base: BASE, builder: { instanceProfile: 'builder' }, layers },
    });
    expect(built.error).toBeUndefined();
    expect(world.runtime.ran.some((script) => script.includes(SECRET))).toBe(true);
    const kept = commands(world.local.engine)
      .all()
      .flatMap((command) => [...readable(JSON.stringify(command))])
      .join('\n');
    expect(kept).toContain('plain as day');
    expect(kept).not.toContain(SECRET);
    expect(kept).not.toContain(Buffer.from(SECRET).toString('base64'));
  });
});
