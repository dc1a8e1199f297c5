import { beforeAll, expect, it } from 'vitest';
import { ALINUX, AMAZON, DEBIAN, type Distribution, FakeDistribution } from '../helpers/fake-distribution.ts';
import { describeSandbox } from '../helpers/sandbox.ts';

const APT =
  'apt-get -q -y -o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold';
const APT_INSTALL = `${APT} install --no-install-recommends`;
const DNF_INSTALL = 'dnf install -y --setopt=install_weak_deps=False';

const BUNDLE = ['bundle config set --local without development:test'];
const DEPLOYMENT = ['bundle config set --local deployment true', 'bundle install --quiet'];

interface Case {
  provisioner: string;
  environment: Record<string, string>;
  /** What the package manager is asked for, in order. */
  asks: Record<string, string[]>;
}

const cases: Case[] = [
  {
    provisioner: 'base-os',
    environment: { PACKAGES: 'chrony jq', TIMEZONE: 'Asia/Tokyo' },
    asks: {
      [AMAZON.name]: ['dnf upgrade -y --releasever=latest', `${DNF_INSTALL} chrony jq`],
      [DEBIAN.name]: [
        'apt-get update -q',
        `${APT} dist-upgrade`,
        `${APT} autoremove`,
        `${APT_INSTALL} chrony jq`,
      ],
      [ALINUX.name]: ['dnf upgrade -y', `${DNF_INSTALL} chrony jq`],
    },
  },
  {
    provisioner: 'python',
    environment: {
      PYTHON: '3.11',
      VENV: '/opt/app/venv',
      REQUIREMENTS: '/opt/requirements.txt',
      BUILD_PACKAGES: 'gcc',
    },
    asks: {
      [AMAZON.name]: [
        `${DNF_INSTALL} python3.11 python3.11-pip`,
        `${DNF_INSTALL} gcc`,
        'pip install --no-compile -r /opt/requirements.txt',
        'pip check',
        'dnf remove -y gcc',
      ],
      [DEBIAN.name]: [
        `${APT_INSTALL} python3.11 python3.11-venv`,
        `${APT_INSTALL} gcc`,
        'pip install --no-compile -r /opt/requirements.txt',
        'pip check',
        `${APT} purge --auto-remove gcc`,
      ],
      [ALINUX.name]: [
        `${DNF_INSTALL} python3.11 python3.11-pip`,
        `${DNF_INSTALL} gcc`,
        'pip install --no-compile -r /opt/requirements.txt',
        'pip check',
        'dnf remove -y gcc',
      ],
    },
  },
  {
    provisioner: 'ruby',
    environment: { DIRECTORY: '/opt/shop', BUILD_PACKAGES: 'gcc' },
    asks: {
      [AMAZON.name]: [
        `${DNF_INSTALL} ruby3.2 ruby3.2-rubygem-bundler`,
        ...BUNDLE,
        `${DNF_INSTALL} gcc`,
        ...DEPLOYMENT,
        'dnf remove -y gcc',
      ],
      [DEBIAN.name]: [
        `${APT_INSTALL} ruby ruby-bundler`,
        ...BUNDLE,
        `${APT_INSTALL} gcc`,
        ...DEPLOYMENT,
        `${APT} purge --auto-remove gcc`,
      ],
      [ALINUX.name]: [
        `${DNF_INSTALL} ruby rubygem-bundler`,
        ...BUNDLE,
        `${DNF_INSTALL} gcc`,
        ...DEPLOYMENT,
        'dnf remove -y gcc',
      ],
    },
  },
  {
    provisioner: 'ocr',
    environment: { LANGUAGES: 'eng jpn' },
    asks: {
      [AMAZON.name]: [
        `${DNF_INSTALL} spal-release`,
        `${DNF_INSTALL} tesseract tesseract-langpack-eng tesseract-langpack-jpn poppler-utils ImageMagick file file-libs`,
      ],
      [DEBIAN.name]: [
        `${APT_INSTALL} tesseract-ocr tesseract-ocr-eng tesseract-ocr-jpn poppler-utils imagemagick file`,
      ],
      [ALINUX.name]: [
        `${DNF_INSTALL} epel-aliyuncs-release`,
        `${DNF_INSTALL} tesseract tesseract-langpack-eng tesseract-langpack-jpn poppler-utils ImageMagick file file-libs`,
      ],
    },
  },
  {
    provisioner: 'docker',
    environment: { USERS: 'nobody', IMAGES: 'registry.example.com/app:1' },
    asks: {
      [AMAZON.name]: [`${DNF_INSTALL} docker`, 'docker pull --quiet registry.example.com/app:1'],
      [DEBIAN.name]: [`${APT_INSTALL} docker.io`, 'docker pull --quiet registry.example.com/app:1'],
      [ALINUX.name]: [
        `${DNF_INSTALL} dnf-plugins-core`,
        'dnf install -y --repo alinux3-plus dnf-plugin-releasever-adapter',
        'dnf config-manager --add-repo https://mirrors.aliyun.com/docker-ce/linux/centos/docker-ce.repo',
        `${DNF_INSTALL} docker-ce docker-ce-cli containerd.io`,
        'docker pull --quiet registry.example.com/app:1',
      ],
    },
  },
  {
    provisioner: 'nginx',
    environment: { SITE: '/opt/site.conf' },
    asks: {
      [AMAZON.name]: [`${DNF_INSTALL} nginx`, 'nginx -t -q'],
      [DEBIAN.name]: [`${APT_INSTALL} nginx`, 'nginx -t -q'],
      [ALINUX.name]: [`${DNF_INSTALL} nginx`, 'nginx -t -q'],
    },
  },
];

/** These may look again at each run. */
const looks = (command: string) =>
  /^(nginx -t|dnf upgrade|apt-get .* (dist-upgrade|autoremove)$)/.test(command);

describeSandbox('a shipped provisioner', (sandbox) => {
  for (const distribution of [AMAZON, DEBIAN, ALINUX] satisfies Distribution[]) {
    let machine: FakeDistribution;
    beforeAll(async () => {
      machine = await FakeDistribution.boot(sandbox, distribution);
      await machine.sh(
        'rm -rf /var/lib/apt/lists/*; echo requests==2.32.0 >/opt/requirements.txt; echo "server {}" >/opt/site.conf; echo "{}" >/opt/agent.json; mkdir -p /etc/nginx/conf.d /opt/shop; touch /opt/shop/Gemfile{,.lock}',
      );
    });

    it.each(cases)(
      `$provisioner asks ${distribution.name} for its packages, and run twice changes nothing`,
      async ({ provisioner, environment, asks }) => {
        await machine.commands();
        const first = await machine.provision(provisioner, environment);
        expect(first.exitCode, first.output).toBe(0);
        expect(await machine.commands()).toEqual(asks[distribution.name]);
        const state = await machine.state();
        const second = await machine.provision(provisioner, environment);
        expect(second.exitCode, second.output).toBe(0);
        expect((await machine.commands()).filter((command) => !looks(command))).toEqual([]);
        expect(await machine.state()).toBe(state);
      },
    );
  }

  it('cloudwatch-agent takes the agent from Amazon Linux, with its configuration, and starts it at boot', async () => {
    const machine = await FakeDistribution.boot(sandbox, AMAZON);
    await machine.sh('echo "{}" >/opt/agent.json');
    const first = await machine.provision('cloudwatch-agent', { CONFIG: '/opt/agent.json' });
    expect(first.exitCode, first.output).toBe(0);
    expect(await machine.commands()).toEqual([`${DNF_INSTALL} amazon-cloudwatch-agent`]);
    expect(
      await machine.sh(
        'cat /opt/aws/amazon-cloudwatch-agent/etc/amazon-cloudwatch-agent.json; systemctl is-enabled amazon-cloudwatch-agent',
      ),
    ).toBe('{}\nenabled');
    const state = await machine.state();
    await machine.provision('cloudwatch-agent', { CONFIG: '/opt/agent.json' });
    expect(await machine.commands()).toEqual([]);
    expect(await machine.state()).toBe(state);
  });

  it('cloudwatch-agent installs no package elsewhere whose signature is not that of AWS', async () => {
    const machine = await FakeDistribution.boot(sandbox, DEBIAN);
    await machine.sh(
      `printf '#!/bin/bash\\ntouch "$(sed "s/.*-o \\([^ ]*\\).*/\\1/" <<<"$*")"\\n' >/var/fake/bin/curl
       printf '#!/bin/bash\\necho "[GNUPG:] VALIDSIG 0000000000000000000000000000000000000000 2026"\\n' >/var/fake/bin/gpg
       chmod 755 /var/fake/bin/*`,
    );
    const ended = await machine.provision('cloudwatch-agent');
    expect(ended.exitCode).toBe(1);
    expect(ended.output).toContain('is not signed by AWS: not installed');
    expect(await machine.commands()).toEqual([]);
  });

  it('node installs Node.js where there is none, and the packages that an application needs', async () => {
    const machine = await FakeDistribution.boot(sandbox, AMAZON);
    await machine.sh(
      `mkdir /opt/app; echo '{"name":"app","private":true}' >/opt/app/package.json
       for tool in node npm; do printf '#!/bin/bash\\necho "%s $*" >>/var/fake/commands\\n' $tool >/var/fake/bin/$tool; done
       chmod 755 /var/fake/bin/*`,
    );
    expect((await machine.provision('node', { DIRECTORY: '/opt/app' })).exitCode).toBe(0);
    expect(await machine.commands()).toEqual(['node --version']);
    await machine.sh(
      `echo '{"dependencies":{"left-pad":"1"}}' >/opt/app/package.json; echo '{}' >/opt/app/package-lock.json`,
    );
    expect((await machine.provision('node', { DIRECTORY: '/opt/app' })).exitCode).toBe(0);
    expect(await machine.commands()).toEqual([
      expect.stringMatching(/^npm ci --omit=dev --cache \S+ --no-audit/),
      'node --version',
    ]);
  });

  it('says so on a distribution that it does not know', async () => {
    const machine = await FakeDistribution.boot(sandbox, {
      name: 'Gentoo',
      osRelease: 'ID=gentoo\nPRETTY_NAME=Gentoo\n',
      managers: [],
    });
    const ended = await machine.provision('nginx');
    expect(ended.exitCode).toBe(1);
    expect(ended.output).toContain(
      'Gentoo: this provisioner knows Amazon Linux 2023, Debian, Ubuntu and Alibaba Cloud Linux 3',
    );
  });

  it('that asks apt for security updates only is refused in one sentence', async () => {
    const machine = await FakeDistribution.boot(sandbox, DEBIAN);
    const ended = await machine.provision('base-os', { UPDATE: 'security' });
    expect(ended).toEqual({
      exitCode: 1,
      output: 'UPDATE=security: apt cannot tell security updates apart; use all or none',
    });
  });
});
