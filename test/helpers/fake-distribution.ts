import { shippedScript } from '../../src/config/shipped.ts';
import type { TestSandbox } from './sandbox.ts';

/** What an instance pretends to be. */
export interface Distribution {
  name: string;
  osRelease: string;
  /** Package managers that are there. */
  managers: ('apt-get' | 'dnf' | 'yum')[];
}

export const AMAZON: Distribution = {
  name: 'Amazon Linux 2023',
  osRelease: 'ID="amzn"\nID_LIKE="fedora"\nPRETTY_NAME="Amazon Linux 2023"\n',
  managers: ['dnf'],
};
export const DEBIAN: Distribution = {
  name: 'Debian 12',
  osRelease: 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\n',
  managers: ['apt-get'],
};
export const ALINUX: Distribution = {
  name: 'Alibaba Cloud Linux 3',
  osRelease: 'ID="alinux"\nID_LIKE="rhel fedora centos anolis"\nPRETTY_NAME="Alibaba Cloud Linux 3"\n',
  managers: ['dnf', 'yum'],
};

/** Notes the command line, and what got installed or removed. */
const MANAGER = `#!/bin/bash
echo "\${0##*/} $*" >>/var/fake/commands
verb=
for word; do
  case $word in
  -*) ;;
  update) mkdir -p /var/lib/apt/lists && touch /var/lib/apt/lists/example_Packages ;;
  install | remove | purge) verb=$word ;;
  *)
    if [ "$verb" = install ]; then echo "$word" >>/var/fake/installed; fi
    if [ "$verb" = remove ] || [ "$verb" = purge ]; then sed -i "\\\\|^$word\\$|d" /var/fake/installed; fi
    ;;
  esac
done
`;
const TOOLS: Record<string, string> = {
  rpm: '#!/bin/bash\ngrep -qxF -e "${@: -1}" /var/fake/installed\n',
  'dpkg-query': '#!/bin/bash\ngrep -qxF -e "${@: -1}" /var/fake/installed && echo -n installed\n',
  tesseract: '#!/bin/bash\necho "List of available languages:"; printf "eng\\njpn\\n"\n',
  nginx: '#!/bin/bash\necho "nginx $*" >>/var/fake/commands\n',
  docker:
    '#!/bin/bash\ngrep -qxF -e "${@: -1}" /var/fake/pulled && exit\n[ "$1" = pull ] || exit 1\necho "docker $*" >>/var/fake/commands; echo "${@: -1}" >>/var/fake/pulled\n',
  bundle: '#!/bin/bash\necho "bundle $*" >>/var/fake/commands\n',
  ruby: '#!/bin/bash\necho ruby 3.2.0\n',
  'python3.11': `#!/bin/bash
mkdir -p "$3/bin"
printf '#!/bin/bash\\n[ "$1" = --version ] || echo "\${*:2}" >>/var/fake/commands\\n' >"$3/bin/python"
chmod 755 "$3/bin/python"
`,
};
for (const tool of ['pdftotext', 'pdftoppm', 'convert', 'file']) TOOLS[tool] = '#!/bin/bash\n';

/** An instance whose package manager only notes what it is asked for; everything else in it is real. */
export class FakeDistribution {
  readonly #sandbox: TestSandbox;
  readonly #id: string;

  private constructor(sandbox: TestSandbox, id: string) {
    this.#sandbox = sandbox;
    this.#id = id;
  }

  static async boot(sandbox: TestSandbox, distribution: Distribution): Promise<FakeDistribution> {
    const fake = new FakeDistribution(sandbox, await sandbox.boot());
    const managers = Object.fromEntries(distribution.managers.map((manager) => [manager, MANAGER]));
    const files = Object.entries({ ...TOOLS, ...managers }).map(([name, text]) =>
      put(`/var/fake/bin/${name}`, text),
    );
    await fake.sh(
      [
        'mkdir -p /var/fake/bin; touch /var/fake/{commands,installed,pulled}',
        ...files,
        'chmod 755 /var/fake/bin/*',
        'rm -f /etc/os-release /run/bake/tools/amazon-cloudwatch-agent-ctl',
        put('/etc/os-release', distribution.osRelease),
        // Units of the packages.
        ...['docker', 'nginx', 'amazon-cloudwatch-agent'].map((name) =>
          put(
            `/etc/systemd/system/${name}.service`,
            '[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n',
          ),
        ),
        'getent group docker >/dev/null || groupadd docker',
      ].join('\n'),
    );
    return fake;
  }

  sh(script: string): Promise<string> {
    return this.#sandbox.sh(this.#id, script);
  }

  /** Runs a shipped provisioner; its exit code and output. */
  async provision(name: string, environment: Record<string, string> = {}) {
    const variables = Object.entries(environment).map(([key, value]) => `export ${key}='${value}'\n`);
    const script = `${put('/run/provisioner.sh', shippedScript(name))}
export PATH=/var/fake/bin:$PATH
${variables.join('')}bash /run/provisioner.sh 2>&1`;
    const { exitCode, stdout } = await this.#sandbox.run(this.#id, script);
    return { exitCode, output: stdout.trimEnd() };
  }

  /** The commands noted since the last call. */
  async commands(): Promise<string[]> {
    return (await this.sh('cat /var/fake/commands; : >/var/fake/commands')).split('\n').filter(Boolean);
  }

  /** Stands for all files: path, mode, owner, time of change, target of links. */
  state(): Promise<string> {
    return this.sh(
      "find /etc /opt /srv /usr/local /var/lib -xdev -printf '%p %m %u:%g %C@ %l\\n' 2>/dev/null | sort | sha256sum",
    );
  }
}

const put = (path: string, text: string) => `cat >${path} <<'END_OF_FILE'\n${text}\nEND_OF_FILE`;
