import type { InPlaceConfig } from '../../config/schema-in-place.ts';

/** What sudo lets the users do, word for word: sudoers(5) compares whole paths and all arguments. */
export const SYSTEMCTL = '/usr/bin/systemctl';
/** A pager that root runs is a shell that root runs. */
export const STATUS = 'status --no-pager';

/** sudoers(5), "Special characters": these mean something in a command's arguments. */
const escaped = (argument: string) => argument.replace(/[\\,:=*?[\]!#]/g, '\\$&');

/** The users who log in. */
const usersOf = ({ hosts = [], user }: InPlaceConfig): string[] => {
  const own = hosts.map((host) => host.user ?? user);
  return [...new Set(hosts.length > 0 ? own : [user])].filter((name) => name !== 'root');
};

/** The lines that let the users who log in restart this unit and see its state, and nothing else. */
export function sudoersLines(config: InPlaceConfig): string[] {
  const unit = escaped(config.service);
  return usersOf(config).flatMap((user) =>
    ['restart', STATUS].map((verb) => `${user} ALL=(root) NOPASSWD: ${SYSTEMCTL} ${verb} ${unit}`),
  );
}

/** `bake in-place setup --print`: how a server is prepared, to be read, or run there as root. Pure. */
export function setupScript(config: InPlaceConfig, project: string): string {
  const { root, service } = config;
  const users = usersOf(config);
  const owner = users[0] ?? 'root';
  const lines = sudoersLines(config);
  const sudoers =
    lines.length === 0
      ? []
      : [
          `# /etc/sudoers.d/bake-${project}: restart and status of this unit, nothing else (check with visudo -c)`,
          `install -m 0440 /dev/stdin /etc/sudoers.d/bake-${project} <<'END'`,
          ...lines,
          'END',
        ];
  return [
    `# The directory of the releases belongs to ${owner}`,
    `install -d -o ${owner} -g "$(id -gn ${owner})" -m 0755 ${root}`,
    '',
    ...sudoers,
    ...(sudoers.length > 0 ? [''] : []),
    `# /etc/systemd/system/${service}: a skeleton; ${root}/current is a link to the release that runs`,
    `install -m 0644 /dev/stdin /etc/systemd/system/${service} <<'END'`,
    '[Unit]',
    `Description=${project}`,
    'After=network-online.target',
    'Wants=network-online.target',
    '# A release that keeps crashing must not use up the starts that the one before it needs to come back.',
    'StartLimitIntervalSec=0',
    '',
    '[Service]',
    `User=${owner}`,
    `WorkingDirectory=${root}/current`,
    `ExecStart=${root}/current/${startOf(config)}`,
    'Restart=always',
    'RestartSec=2',
    '',
    '[Install]',
    'WantedBy=multi-user.target',
    'END',
    `systemctl daemon-reload && systemctl enable ${service}`,
    '',
  ].join('\n');
}

const startOf = ({ install }: InPlaceConfig): string =>
  install === 'uv' || install === 'pip' ? '.venv/bin/python -m app' : 'start';
