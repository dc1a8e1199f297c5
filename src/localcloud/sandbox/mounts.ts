import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { agentDirectory } from './assets.ts';
import type { Base } from './base.ts';
import type { Layout } from './layout.ts';

/** proc(5): files of the kernel that root could write to; capabilities do not guard all of them. */
const READ_ONLY_PROC = ['sys', 'irq', 'bus', 'fs', 'sysrq-trigger'];

/** What is mounted for an instance before its /dev and /run are filled, as fstab(5) lines: one `mount` makes them all. */
export function diskMounts(layout: Layout, instanceId: string, base: Base, layers: string[]): string {
  const instance = layout.instance(instanceId);
  const root = join(layout.state, instance, 'root');
  const overlay = (target: string, name: string, bottom: string[]) => {
    const lower = [...layers.map((layer) => join(layout.layer(layer), name)), ...bottom]
      .filter((path) => existsSync(join(layout.state, path)) || path.startsWith('/'))
      .join(':');
    // redirect_dir: a directory of a lower layer can be renamed (else EXDEV, which not every program copes with).
    const options = `lowerdir=${lower},upperdir=${join(instance, 'up', name)},workdir=${join(instance, 'work', name)}`;
    return line('overlay', target, 'overlay', `${options},redirect_dir=on`);
  };
  return [
    overlay(root, 'root', [join(base.directory, 'root')]),
    ...base.tops.map(({ name, path }) =>
      overlay(join(root, path), name, [join(base.directory, 'mask', name), `/${path}`]),
    ),
    line('proc', join(root, 'proc'), 'proc', 'nosuid,nodev,noexec'),
    line('sysfs', join(root, 'sys'), 'sysfs', 'ro,nosuid,nodev,noexec'),
    line('tmpfs', join(root, 'dev'), 'tmpfs', 'mode=0755,nosuid'),
    line('tmpfs', join(root, 'run'), 'tmpfs', 'mode=0755,nosuid,nodev'),
  ].join('');
}

/** What is mounted after that: terminals, the agent and its node, and the files that are the instance's own. */
export function lateMounts(layout: Layout, instanceId: string): string {
  const root = join(layout.state, layout.instance(instanceId), 'root');
  const bind = (from: string, to: string, options = 'bind,ro') => line(from, join(root, to), 'none', options);
  return [
    line('devpts', join(root, 'dev/pts'), 'devpts', 'newinstance,ptmxmode=0666,mode=0620,gid=5'),
    bind(process.execPath, 'run/bake/bin/node'),
    bind(agentDirectory(), 'run/bake/agent'),
    bind(join(root, 'run/bake/hosts'), 'etc/hosts', 'bind'),
    bind(join(root, 'run/bake/environment'), 'etc/environment', 'bind'),
    ...READ_ONLY_PROC.filter((name) => existsSync(join('/proc', name))).map((name) =>
      bind(join(root, 'proc', name), join('proc', name)),
    ),
  ].join('');
}

const line = (source: string, target: string, type: string, options: string) =>
  `${[source, target, type, options].map(octal).join(' ')} 0 0\n`;

/** fstab(5): white space in octal. */
const octal = (text: string) =>
  text.replace(/[\s\\#]/g, (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`);
