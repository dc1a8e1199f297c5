/** What the machine script of `bake diagnose` prints on a machine that is well; `changes` replaces sections by name. */
export function machineAnswer(changes: Record<string, string> = {}): string {
  const sections: Record<string, string> = {
    'user-data': 'status: done',
    running:
      'Id=worker.service\nFragmentPath=/etc/systemd/system/worker.service\n\nId=sshd.service\nFragmentPath=/usr/lib/systemd/system/sshd.service',
    kernel: '',
    telling: '',
    disk: '/dev/xvda1 8378348 2103152 6275196 26% /\n/dev/xvda1 8378348 2103152 6275196 26% /',
    inodes: '/dev/xvda1 4193216 52344 4140872 2% /',
    memory: 'MemTotal:        1965892 kB\nMemAvailable:    1503924 kB',
    load: '0.08 2',
    ...changes,
  };
  const { unit, reach = 'sqs.eu-central-1.amazonaws.com:443 ok', ...rest } = sections;
  return [
    ...Object.entries(rest).map(([name, lines]) => `@${name}\n${lines}`),
    ...(unit === undefined ? [] : [unit]),
    ...reach.split('\n').map((line) => `@reach ${line}`),
    '',
  ].join('\n');
}

/** A service that fails, as the script prints it. */
export const brokenUnit = (name: string, result: string, ...journal: string[]): string =>
  [`@unit ${name}`, `Result=${result}`, 'NRestarts=12', 'ExecMainStatus=1', '@journal', ...journal].join(
    '\n',
  );
