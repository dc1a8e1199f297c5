import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FileEntry } from '../../src/communicators/files.ts';
import { fingerprintLayers } from '../../src/image/fingerprints.ts';
import type { Layer, Provisioner, ScriptProvisioner } from '../../src/image/provisioners.ts';

const base = { id: 'ami-1', architecture: 'x86_64' };

const script = (content: string, more: Partial<ScriptProvisioner> = {}): ScriptProvisioner => ({
  kind: 'script',
  name: 'app.sh',
  label: 'provisioners/app.sh',
  content,
  arguments: [],
  environment: {},
  secrets: {},
  timeout: 1000,
  retries: 0,
  ...more,
});
const upload = (files: Record<string, string>, more: Partial<Provisioner> = {}): Provisioner =>
  ({
    kind: 'upload',
    name: 'src',
    label: 'src',
    files: Object.entries(files).map(
      ([path, content]): FileEntry => ({ path, kind: 'file', mode: 0o644, content: Buffer.from(content) }),
    ),
    to: '/opt/app',
    owner: 'root:root',
    timeout: 1000,
    ...more,
  }) as Provisioner;
const layers = (...provisioners: Provisioner[]): Layer[] =>
  provisioners.map((provisioner, index) => ({
    name: `layer-${index}`,
    cache: true,
    provisioners: [provisioner],
  }));
const prints = (list: Layer[], closing = 'c', from = base) =>
  fingerprintLayers(from, list, closing).map((layer) => layer.fingerprint);

describe('a fingerprint', () => {
  it('changes with its layer and those above it, never with those above only', () => {
    const contents = fc.array(fc.string(), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(contents, fc.nat(), fc.string(), (list, pick, other) => {
        const at = pick % list.length;
        fc.pre(list[at] !== other);
        const before = prints(layers(...list.map((content) => script(content))));
        const after = prints(layers(...list.map((content, index) => script(index === at ? other : content))));
        before.forEach((fingerprint, index) => {
          if (index < at) expect(after[index]).toBe(fingerprint);
          else expect(after[index]).not.toBe(fingerprint);
        });
      }),
    );
  });

  it('changes with any file: its content, path or mode, one more or one less', () => {
    const files = fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), fc.string(), { minKeys: 1 });
    fc.assert(
      fc.property(files, files, (one, two) => {
        const same = JSON.stringify(Object.entries(one)) === JSON.stringify(Object.entries(two));
        expect(prints(layers(upload(one)))[0] === prints(layers(upload(two)))[0]).toBe(same);
      }),
    );
    const executable = upload({ a: 'a' }) as Extract<Provisioner, { kind: 'upload' }>;
    executable.files[0]!.mode = 0o755;
    expect(prints(layers(executable))).not.toEqual(prints(layers(upload({ a: 'a' }))));
  });

  it('covers arguments, environment, names of secrets, place and owner', () => {
    const plain = script('x');
    const variants: Provisioner[] = [
      plain,
      script('x', { kind: 'inline' }),
      script('x', { arguments: ['a'] }),
      script('x', { arguments: ['a', 'b'] }),
      script('x', { arguments: ['a b'] }),
      script('x', { environment: { A: '1' } }),
      script('x', { environment: { A: '2' } }),
      script('x', { secrets: { TOKEN: 'one' } }),
      upload({ a: 'x' }),
      upload({ a: 'x' }, { to: '/opt/other' }),
      upload({ a: 'x' }, { owner: 'worker:worker' }),
    ];
    const all = variants.map((variant) => prints(layers(variant))[0]);
    expect(new Set(all).size).toBe(variants.length);
  });

  it('does not depend on the values of secrets, the order of variables, names, timeouts and retries', () => {
    const one = script('x', { environment: { A: '1', B: '2' }, secrets: { TOKEN: 'one' } });
    const two = script('x', {
      environment: { B: '2', A: '1' },
      secrets: { TOKEN: 'two' },
      name: 'other',
      label: 'elsewhere/app.sh',
      timeout: 5,
      retries: 3,
    });
    expect(prints(layers(one))).toEqual(prints(layers(two)));
  });

  it('changes in all layers with the base image, in the last with clean-up and verification', () => {
    const list = layers(script('a'), script('b'));
    const [first, last] = prints(list);
    expect(prints(list, 'c', { ...base, id: 'ami-2' })).not.toContain(first);
    expect(prints(list, 'c', { ...base, architecture: 'arm64' })).not.toContain(first);
    expect(prints(list, 'other')[0]).toBe(first);
    expect(prints(list, 'other')[1]).not.toBe(last);
  });
});
