import { describe, expect, it } from 'vitest';
import { renderUserData } from '../../src/fleet/render.ts';

const values = {
  release: '2',
  project: 'shop',
  environment: 'staging',
  region: 'eu-central-1',
  image: 'ami-1',
  vars: { queue: 'jobs', 'log-group': '/shop' },
};
const render = (text: string) => renderUserData('userdata/worker.sh', text, values, 16_384);

describe('user data', () => {
  it('has its own placeholders filled in, and the variables of the configuration', () => {
    expect(render('r=${release} p=${project} e=${environment} g=${region} i=${image}')).toBe(
      'r=2 p=shop e=staging g=eu-central-1 i=ami-1',
    );
    expect(render('q=${vars.queue} l=${vars.log-group}')).toBe('q=jobs l=/shop');
  });

  it("leaves the shell's own variables alone", () => {
    const shell = 'echo ${HOME} $release ${release:-x} ${RELEASE} ${vars.…} $(date) $${PATH}';
    expect(render(shell)).toBe(shell);
  });

  it('leaves an escaped placeholder as a literal one', () => {
    expect(render('$${release} $${vars.nothing}')).toBe('${release} ${vars.nothing}');
  });

  it('puts values in as they are, whatever they contain', () => {
    expect(renderUserData('f', '${vars.a}', { ...values, vars: { a: '$& ${release} $1' } }, 16_384)).toBe(
      '$& ${release} $1',
    );
  });

  it('is refused when it uses a variable that nobody defined', () => {
    expect(() => render('${vars.qeue}')).toThrow(/userdata\/worker\.sh uses \$\{vars\.qeue\}/);
  });

  it('is refused above 16 KB, counted in bytes after rendering', () => {
    expect(render('é'.repeat(8192))).toHaveLength(8192);
    expect(() => render('é'.repeat(8193))).toThrow(/16386 bytes/);
  });
});
