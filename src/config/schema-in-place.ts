import { z } from 'zod';
import { duration, durationDefault, size } from './values.ts';

const port = z.int().min(1).max(65535);
const hostKey = z
  .string()
  .regex(/^ssh-ed25519 \S+/, 'an ed25519 key such as ssh-ed25519 AAAA…')
  .describe(
    'Its host key, as in /etc/ssh/ssh_host_ed25519_key.pub. No other is accepted. Default: that of `knownHosts`.',
  );
const user = z.string().regex(/^[a-z_][a-z0-9_.-]*$/i, 'the name of a user');

const hostSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'letters, digits, dots and hyphens')
    .optional()
    .describe('What messages call it. Default: its address.'),
  address: z.string().min(1).describe('Name or address, as in `knownHosts`.'),
  port: port.optional().describe('Port of its SSH server, where it differs.'),
  user: user.optional().describe('User to log in as, where it differs.'),
  hostKey: hostKey.optional(),
});

const healthSchema = z
  .strictObject({
    http: z
      .strictObject({
        port: port.describe('Port that the service listens on.'),
        path: z
          .string()
          .regex(/^\/[!-~]*$/, 'a path such as /health, without spaces')
          .default('/health')
          .describe('Path to ask for.'),
        status: z.int().min(100).max(599).default(200).describe('Status that the answer must have.'),
        address: z
          .enum(['loopback', 'host'])
          .default('loopback')
          .describe('Where the host asks itself: 127.0.0.1, or the address that bake reaches it by.'),
      })
      .optional()
      .describe('A request that the host sends to itself: no port has to be open, and curl is not needed.'),
    command: z
      .string()
      .min(1)
      .optional()
      .describe(
        'Script for bash, run in the release directory as the user who logs in; exit code 0 means that the service is well.',
      ),
    timeout: durationDefault('30s').describe(
      'How long the service may take to be well; then the host is switched back.',
    ),
  })
  .prefault({})
  .describe('When a release counts as running. The unit must be active in any case.');

/** Releases on servers that stay: what is brought, where, and how it is found to be well. */
export const inPlaceSchema = z
  .strictObject({
    hosts: z.array(hostSchema).min(1).optional().describe('The servers, by address.'),
    tags: z
      .record(z.string(), z.string())
      .optional()
      .describe("The servers are the cloud's running instances with all of these tags."),
    group: z.string().optional().describe('The servers are the instances of this scaling group.'),
    address: z
      .enum(['private', 'public'])
      .default('private')
      .describe('Which address of an instance is reachable from here (`tags`, `group`).'),
    user: user.default('deploy').describe('User to log in as. It owns `root`, and may restart the service.'),
    port: port.default(22).describe('Port of the SSH servers.'),
    privateKey: z
      .string()
      .optional()
      .describe(
        'File with the private key, relative to bake.yaml. Default: the agent of SSH_AUTH_SOCK, else ~/.ssh/id_ed25519.',
      ),
    knownHosts: z
      .string()
      .default('~/.ssh/known_hosts')
      .describe(
        'File with the host keys (ed25519) of the servers, relative to bake.yaml. It is never written.',
      ),
    bastion: z
      .strictObject({
        address: z.string().min(1).describe('Name or address.'),
        port: port.default(22).describe('Port of its SSH server.'),
        user: user.optional().describe('User to log in as there. Default: as on the servers.'),
        hostKey: hostKey.optional(),
      })
      .optional()
      .describe('Host to go by when the servers cannot be reached from here.'),
    source: z.string().describe('Directory that is brought to the servers, relative to bake.yaml.'),
    ignore: z.array(z.string()).default([]).describe('Patterns left out, as in .gitignore.'),
    root: z
      .string()
      .regex(/^(\/[A-Za-z0-9._-]+)+$/, 'an absolute path without spaces')
      .refine((path) => !/\/\.{1,2}(\/|$)/.test(path), 'no . or .. in it')
      .describe('Directory on the servers that holds `releases/`, `current` and `previous`.'),
    install: z
      .union([
        z.enum(['none', 'uv', 'pip']),
        z.strictObject({ run: z.string().min(1).describe('Script for bash.') }),
      ])
      .default('none')
      .describe(
        'What is done in the new release directory before the switch: nothing, `uv` (uv sync --frozen), `pip` (a virtual environment .venv with requirements.txt), or a script of your own for bash (`run`).',
      ),
    installTimeout: duration.prefault('10m').describe('How long installing may take.'),
    service: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9:_.@-]*$/, 'the name of a unit')
      .transform((name) => (name.endsWith('.service') ? name : `${name}.service`))
      .describe('systemd unit that runs `current`; it is restarted after the switch.'),
    health: healthSchema,
    keep: z
      .int()
      .min(2)
      .max(100)
      .default(3)
      .describe('Releases kept on each server, current and previous among them.'),
    diskSpace: size
      .prefault('200MiB')
      .describe(
        'Room that must be free besides what is uploaded: what installing needs. Looked at on every server before any is touched.',
      ),
    batch: z
      .union([z.int().min(1), z.string().regex(/^([1-9]\d?|100)%$/, 'a number, or a share such as 25%')])
      .default(1)
      .describe('Servers that are changed at the same time: a number, or a share of all such as 25%.'),
    revertEarlier: z
      .boolean()
      .default(true)
      .describe('When a batch fails, switch back those before it too. Its own servers are in any case.'),
  })
  .refine(
    ({ hosts, tags, group }) => [hosts, tags, group].filter((one) => one !== undefined).length === 1,
    'exactly one of hosts, tags and group',
  );

export type InPlaceConfig = z.output<typeof inPlaceSchema>;
