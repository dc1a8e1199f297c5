import { quote } from '../communicators/job.ts';
import type { CandidateCheck } from '../config/schema-publish.ts';
import { usageError } from '../run/errors.ts';

/** Where the candidate keeps its user data and how that ended. The candidate's disk is thrown away with it. */
const DIRECTORY = '/run/bake-check';

/** What a check is called in the checklist and in errors. */
export function nameOfCheck(check: CandidateCheck): string {
  if ('command' in check) return `candidate: ${check.command.trim().split('\n')[0]}`;
  if ('service' in check) return `candidate: service ${check.service}`;
  if ('port' in check) return `candidate: port ${check.port}`;
  return `candidate: ${check.http}`;
}

/**
 * What the candidate runs at first boot: what it needs to be reached, then the user data in check mode, with `BAKE_CHECK=1`. Its exit
 * code is kept for the test. Fails (exit code 2) on user data that is no script.
 */
export function candidateUserData(firstBoot: string, userData: string | undefined): string {
  if (userData === undefined) return firstBoot;
  const interpreter = /^#!\s*(\S.*)/.exec(userData)?.[1]?.trim();
  if (interpreter === undefined) {
    throw usageError(
      'image.test.userData is no script: its first line has no #!',
      'In check mode bake runs the user data itself, so it has to be a script.',
    );
  }
  return `${firstBoot === '' ? '#!/bin/sh\n' : firstBoot}
mkdir -p ${DIRECTORY}
${hereDocument(`cat >${DIRECTORY}/user-data`, userData, 'BAKE_USER_DATA')}
BAKE_CHECK=1 ${interpreter} ${DIRECTORY}/user-data
code=$?
echo $code >${DIRECTORY}/exit
exit $code
`;
}

/** The delimiter is a line that the text does not have. */
function hereDocument(command: string, text: string, delimiter: string): string {
  let end = delimiter;
  while (text.split('\n').includes(end)) end += '_';
  return `${command} <<'${end}'\n${text.endsWith('\n') ? text : `${text}\n`}${end}`;
}

/**
 * The test itself, for bash on the candidate. Each check is repeated until it passes or the time is over, and prints
 * `ok<TAB>name` or `fail<TAB>name<TAB>why`. Needs nothing in the image but bash and, for services, systemd.
 */
export function candidateScript(checks: CandidateCheck[], timeout: number, userData: boolean): string {
  const lines = checks.map((check) => `check ${quote(nameOfCheck(check))} ${callOf(check)}`);
  if (userData) lines.unshift(`check 'candidate: user data' user_data`);
  return `#!/usr/bin/env bash
deadline=$((SECONDS + ${Math.max(1, Math.ceil(timeout / 1000))}))

# check NAME FUNCTION [ARGUMENTS]: why it failed is the last line of what the function prints.
check() {
  local name=$1 out left
  shift
  until left=$((deadline - SECONDS)); out=$("$@" "$((left > 1 ? left : 1))" 2>&1 </dev/null); do
    if [ -e ${DIRECTORY}/final ] || ((SECONDS >= deadline)); then
      rm -f ${DIRECTORY}/final
      printf 'fail\\t%s\\t%s\\n' "$name" "$(tail -n 1 <<<"$out")"
      return
    fi
    sleep 0.3
  done
  printf 'ok\\t%s\\n' "$name"
}

# What will not become better by waiting.
final() {
  mkdir -p ${DIRECTORY}
  touch ${DIRECTORY}/final
  return 1
}

user_data() {
  [ -e ${DIRECTORY}/exit ] || { echo 'has not ended'; return 1; }
  [ "$(cat ${DIRECTORY}/exit)" = 0 ] || { echo "ended with exit code $(cat ${DIRECTORY}/exit)"; final; }
}

command_succeeds() {
  timeout "$2" bash -c "$1" || { echo "exit code $?"; return 1; }
}

service_is_active() {
  systemctl is-active --quiet "$1" && return
  local state
  state=$(systemctl is-active "$1")
  journalctl -u "$1" -n 1 --no-pager -o cat 2>/dev/null | sed "s/^/$state: /" | grep . || echo "$state"
  return 1
}

port_is_open() {
  local address
  for address in 127.0.0.1 $(hostname -I 2>/dev/null); do
    timeout "$2" bash -c "exec 3<>/dev/tcp/$address/$1" 2>/dev/null && return
  done
  echo 'nobody listens'
  return 1
}

# HTTP/1.0, so that the answer comes as it is; by bash alone, as curl need not be in the image.
http_answers() {
  local host=$1 port=$2 path=$3 status=$4 text=$5 answer got
  # shellcheck disable=SC2016
  answer=$(timeout "$6" bash -c 'exec 3<>"/dev/tcp/$1/$2" && printf "GET %s HTTP/1.0\\r\\nHost: %s\\r\\n\\r\\n" "$3" "$1:$2" >&3 && cat <&3' \\
    http "$host" "$port" "$path" 2>/dev/null | tr -d '\\0') || true
  got=$(sed -n '1s/^HTTP\\/[0-9.]* \\([0-9]*\\).*/\\1/p' <<<"$answer")
  [ -n "$got" ] || { echo 'no answer'; return 1; }
  [ "$got" = "$status" ] || { echo "status $got"; return 1; }
  [[ "$answer" == *"$text"* ]] || { echo 'the answer does not contain the text'; return 1; }
}

${lines.join('\n')}
`;
}

/** The function that carries a check out; what time is left is added as the last argument. */
function callOf(check: CandidateCheck): string {
  if ('command' in check) return `command_succeeds ${quote(check.command)}`;
  if ('service' in check) return `service_is_active ${quote(check.service)}`;
  if ('port' in check) return `port_is_open ${check.port}`;
  const { hostname, port, pathname, search } = new URL(check.http);
  const words = [hostname, port || '80', `${pathname}${search}`, String(check.status), check.contains ?? ''];
  return `http_answers ${words.map(quote).join(' ')}`;
}
