import { quote } from '../../communicators/job.ts';
import type { InPlaceConfig } from '../../config/schema-in-place.ts';
import { readResponse } from '../../smoke/http-answer.ts';
import { readAsked } from '../../smoke/http-script.ts';
import type { Host } from './host.ts';

/** One question may take this long, seconds. */
const PATIENCE = 5;

/** What one look at a service found; `process` tells whether it is the same as at the look before. */
export interface HealthLook {
  problem?: string;
  process: string;
  /** It will not come back by itself. */
  failed: boolean;
}

/** The script that looks: the unit's state, then the request or the command. Needs bash and coreutils, no curl. */
export function healthScript({ root, service, health }: InPlaceConfig, host: Pick<Host, 'address'>): string {
  const { http, command } = health;
  const lines = [`systemctl show -p ActiveState -p SubState -p MainPID -p NRestarts ${quote(service)}`];
  if (http) {
    const where = http.address === 'loopback' ? '127.0.0.1' : host.address;
    const request = [
      `GET ${http.path} HTTP/1.1`,
      `Host: ${where}:${http.port}`,
      'User-Agent: bake',
      'Connection: close',
    ];
    lines.push(
      `answer=$(timeout ${PATIENCE} bash -c 'exec 3<>"/dev/tcp/$0/$1" && printf "%b" "$2" >&3 && head -c 12000 <&3' ${quote(where)} ${http.port} ${quote(`${request.join('\\r\\n')}\\r\\n\\r\\n`)} 2>/dev/null | base64 | tr -d '\\n')`,
      `if [ -n "$answer" ]; then echo "bake-answer $answer"; else echo "bake-problem no answer from ${where}:${http.port}"; fi`,
    );
  }
  if (command !== undefined) {
    lines.push(
      `if said=$(cd ${quote(`${root}/current`)} && timeout ${PATIENCE * 2} bash -c ${quote(command)} 2>&1); then echo bake-command 0; else echo "bake-command $? $(printf %s "$said" | tail -n 1)"; fi`,
    );
  }
  return lines.join('\n');
}

/** Pure. */
export function readHealth(output: string, { health, service }: InPlaceConfig): HealthLook {
  const property = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(output)?.[1] ?? '';
  const state = property('ActiveState');
  const look = {
    process: `${property('MainPID')} ${property('NRestarts')}`,
    failed: state === 'failed',
  };
  if (state !== 'active')
    return { ...look, problem: `${service} is ${state || 'unknown'} (${property('SubState')})` };
  return { ...look, problem: (health.http && wrongAnswer(output, health.http)) ?? wrongCommand(output) };
}

function wrongAnswer(output: string, http: NonNullable<InPlaceConfig['health']['http']>): string | undefined {
  const asked = readAsked(output);
  if ('problem' in asked) return asked.problem;
  const answer = readResponse(asked.response);
  if (!answer) return `what port ${http.port} answers is not HTTP`;
  if (answer.status === http.status) return undefined;
  return `${http.path} answers ${answer.status} instead of ${http.status}`;
}

function wrongCommand(output: string): string | undefined {
  const [, code = '0', said = ''] = /^bake-command (\d+) ?(.*)$/m.exec(output) ?? [];
  return code === '0' ? undefined : `the health command ended with ${code}${said && `: ${said}`}`;
}
