import { z } from 'zod';

const port = z.int().min(1).max(65535).default(22);

/** How bake reaches a builder by SSH. */
export const sshSchema = z.strictObject({
  user: z
    .string()
    .default('ec2-user')
    .describe('User to log in as; anyone but root must be allowed sudo without a password.'),
  port: port.describe('Port of the SSH server.'),
  address: z
    .enum(['private', 'public'])
    .default('private')
    .describe('Which address of the builder is reachable from here.'),
  source: z
    .string()
    .regex(/^[0-9a-fA-F.:]+\/\d{1,3}$/, 'a network such as 203.0.113.7/32')
    .refine((network) => !network.endsWith('/0'), 'not the whole world')
    .optional()
    .describe(
      'Network that may reach the builder, such as 203.0.113.7/32: the only one that its temporary security group lets in. Not needed where image.builder.securityGroups are named.',
    ),
  bastion: z
    .strictObject({
      host: z.string().describe('Name or address.'),
      port: port.describe('Port of its SSH server.'),
      user: z.string().describe('User to log in as.'),
      privateKey: z.string().describe('File with the private key, relative to bake.yaml.'),
      hostKey: z
        .string()
        .regex(/^(ssh|ecdsa)-\S+ \S+/, 'a public key such as ssh-ed25519 AAAA…')
        .describe('Its host key, as in /etc/ssh/ssh_host_ed25519_key.pub. No other is accepted.'),
    })
    .optional()
    .describe('Host to go by when the builder cannot be reached from here.'),
});
