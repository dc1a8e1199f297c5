import { quote } from '../communicators/job.ts';

/** Of an answer this much is read: its head and the beginning of its body. Bytes; in base64 it fits in a command's output. */
const MOST_READ = 12_000;
/** One request may take this long, seconds. */
const PATIENCE = 10;

/** What the script printed of an answer, or why there is none. */
export type Asked = { response: Buffer } | { problem: string };

/**
 * Asks the instance's own address (as its load balancer would, and without any port being open to others) and prints what came back.
 * Needs bash and coreutils in the image, no curl; the address comes from the instance metadata service.
 */
export const askScript = ({ port, path, host }: { port: number; path: string; host?: string }): string =>
  `exec bash -s -- ${port} ${quote(path)} ${quote(host ?? '')} <<'END_OF_SCRIPT'
# ask HOST PORT REQUEST
ask() {
  timeout ${PATIENCE} bash -c 'exec 3<>"/dev/tcp/$0/$1" && printf %s "$2" >&3 && head -c ${MOST_READ} <&3' "$1" "$2" "$3"
}
body() { tr -d '\\r' | sed '1,/^$/d'; }
metadata=\${AWS_EC2_METADATA_SERVICE_ENDPOINT:-http://169.254.169.254}
metadata=\${metadata#http://} metadata=\${metadata%%/*}
where=\${metadata%%:*} at=80
[[ $metadata == *:* ]] && at=\${metadata##*:}
token=$(ask "$where" "$at" "PUT /latest/api/token HTTP/1.0"$'\\r\\n'"X-aws-ec2-metadata-token-ttl-seconds: 60"$'\\r\\n\\r\\n' 2>/dev/null | body)
address=$(ask "$where" "$at" "GET /latest/meta-data/local-ipv4 HTTP/1.0"$'\\r\\n'"X-aws-ec2-metadata-token: $token"$'\\r\\n\\r\\n' 2>/dev/null | body)
[[ $address =~ ^[0-9.]+$ ]] || address=$(hostname -I 2>/dev/null | cut -d' ' -f1)
errors=$(mktemp)
request="GET $2 HTTP/1.1"$'\\r\\n'"Host: \${3:-$address:$1}"$'\\r\\n'"User-Agent: bake-smoke"$'\\r\\n'"Connection: close"$'\\r\\n\\r\\n'
answer=$(ask "$address" "$1" "$request" 2>"$errors" | base64 | tr -d '\\n'; exit "\${PIPESTATUS[0]}")
code=$?
if [ -n "$answer" ]; then echo "bake-answer $answer"
elif [ $code = 124 ]; then echo "bake-problem no answer within ${PATIENCE} s from $address:$1"
else echo "bake-problem $address:$1: $(sed 's/.*: //' "$errors" | head -n 1)"
fi
rm -f "$errors"
END_OF_SCRIPT
`;

/** Reads what the script printed. Pure. */
export function readAsked(output: string): Asked {
  const answer = /^bake-answer (\S+)/m.exec(output)?.[1];
  if (answer !== undefined) return { response: Buffer.from(answer, 'base64') };
  const problem = /^bake-problem (.*)/m.exec(output)?.[1];
  return { problem: problem ?? (output.trim().split('\n').at(-1) || 'no answer') };
}
