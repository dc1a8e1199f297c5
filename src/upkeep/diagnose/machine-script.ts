import { quote } from '../../communicators/job.ts';

/** What bad permissions, missing credentials and lack of memory look like in journals and logs, whatever the language of the program. */
export const TELLING = [
  'AccessDenied',
  'not authorized to perform',
  'UnauthorizedOperation',
  'Unable to locate credentials',
  'Could not load credentials',
  'NoCredentialProviders',
  'CredentialsProviderError',
  'heap out of memory',
  'OutOfMemoryError',
  'MemoryError',
  'Cannot allocate memory',
];

/** A service that is restarted again and again is `auto-restart`, not `failed`, most of the time (systemd: unit sub states). */
const BROKEN_STATES = 'failed,auto-restart';

/**
 * What an instance says about itself: user data, services that fail and those that run, lines of its journal that tell a cause, disks,
 * memory, and whether it reaches `endpoints` ("host:port"). Reads only. Needs bash, coreutils and systemd. Sections begin with `@`.
 */
export const machineScript = (endpoints: string[]): string =>
  `exec bash -s -- ${endpoints.map(quote).join(' ')} <<'END_OF_SCRIPT'
short() { cut -c 1-400; }
reach() {
  host=\${1%:*} port=\${1##*:}
  problem=$(timeout 5 bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$host" "$port" 2>&1)
  case $? in
    0) echo "@reach $1 ok" ;;
    124) echo "@reach $1 no answer within 5 s" ;;
    *) echo "@reach $1 $(sed 's/.*: //;q' <<<"$problem")" ;;
  esac
}
reached=$(for endpoint in "$@"; do reach "$endpoint" & done; wait)
echo '@user-data'
cloud-init status 2>/dev/null
for unit in $(systemctl list-units --type=service --state=${BROKEN_STATES} --plain --no-legend | cut -d' ' -f1); do
  echo "@unit $unit"
  systemctl show "$unit" -p Result,NRestarts,ExecMainStatus
  echo '@journal'
  journalctl -u "$unit" -n 15 --no-pager -o cat | short
done
echo '@running'
running=$(systemctl list-units --type=service --state=running --plain --no-legend | cut -d' ' -f1)
[ -z "$running" ] || systemctl show $running -p Id,FragmentPath
echo '@kernel'
journalctl -k --since=-1h --no-pager -o cat 2>/dev/null | grep -iE 'out of memory|oom-kill|oom_reaper' | tail -n 5 | short
echo '@telling'
journalctl --since=-1h --no-pager -o cat | grep -E ${quote(TELLING.join('|'))} | tail -n 20 | short
echo '@disk'
df -Pk / /var /tmp 2>/dev/null | tail -n +2
echo '@inodes'
df -Pi / 2>/dev/null | tail -n +2
echo '@memory'
grep -E '^(MemTotal|MemAvailable):' /proc/meminfo
echo '@load'
echo "$(cut -d' ' -f1 /proc/loadavg) $(nproc)"
echo "$reached"
END_OF_SCRIPT
`;
