#!/usr/bin/env bash
# Checks a builder just before its disk becomes an image, after clean-up. Prints a line for each finding:
#   ok<TAB>check
#   fail<TAB>check<TAB>what failed (a path, a command, a service; never a value)
# BAKE_BASE_CREATED      seconds since the epoch when the base image was made. Contents are searched in files changed since then
# BAKE_VERIFY_FILES      what the image must have, a line each: path<TAB>owner<TAB>mode (the latter two may be empty)
# BAKE_VERIFY_ABSENT     what it must not have, a line each
# BAKE_VERIFY_COMMANDS   commands that must be present, a line each
# BAKE_VERIFY_SERVICES   services that must be enabled, a line each: name<TAB>user; no user means any but root
# BAKE_VERIFY_ALLOW      names of development tools and of set-user-id programs that may be there, a line each
# BAKE_VERIFY_SECRETS    a file on tmpfs with values that must be nowhere, a line each: name<TAB>text. Removed at the end
# BAKE_VERIFY_ONLY       "secrets": looks for these only
# Exits with 0 when all is well, 3 when a check failed.
set -euo pipefail
# A search that breaks must not pass for one that found nothing.
shopt -s nullglob dotglob inherit_errexit
# shellcheck source=provisioners/lib/homes.sh
source "$(dirname "$0")/lib/homes.sh"
# shellcheck source=provisioners/lib/containers.sh
source "$(dirname "$0")/lib/containers.sh"
# shellcheck source=provisioners/lib/development-tools.sh
source "$(dirname "$0")/lib/development-tools.sh"

failed=0

# check NAME FUNCTION [ARGUMENTS]: the function prints what is wrong, a line each; nothing printed is a check passed.
check() {
  local found path
  found=$("${@:2}")
  if [ -z "$found" ]; then
    printf 'ok\t%s\n' "$1"
    return
  fi
  failed=1
  while IFS= read -r path; do printf 'fail\t%s\t%s\n' "$1" "$path"; done < <(sort -u <<<"$found")
}

existing() {
  local path
  for path in "$@"; do
    if [ -e "$path" ]; then printf '%s\n' "$path"; fi
  done
}

not_empty() {
  local path
  for path in "$@"; do
    if [ -s "$path" ]; then printf '%s\n' "$path"; fi
  done
}

mapfile -t homes < <(homes)
since=@${BAKE_BASE_CREATED:-0}

# Files that were made or changed since the base image, in places where people put things; found once, separated by NUL.
list=$(mktemp /run/bake-verify.XXXXXX)
trap 'rm -f "$list" "$list.values" ${BAKE_VERIFY_SECRETS:+"$BAKE_VERIFY_SECRETS"}' EXIT
mapfile -t trees < <(existing /etc /opt /home /root /srv /usr/local /var)
# changed TESTS: find's tests. A file that vanishes meanwhile makes find fail, and is no reason to.
changed() {
  find "${trees[@]}" -xdev "(" "${CONTAINERS[@]}" ")" -prune -o -type f -newerct "$since" "$@" 2>/dev/null || true
}
changed -size -2048k -not -path '/var/log/*' -not -path '/var/lib/dpkg/*' -not -path '/var/lib/rpm/*' -print0 >"$list"

# Those among them whose path matches, or (named_not) does not match.
named() { grep -zE -e "$1" "$list" || true; }
named_not() { grep -zvE -e "$1" "$list" || true; }
lines() { tr '\0' '\n'; }

# Reads paths; prints those whose content matches.
matching() { xargs -0 -r grep -lIE "$@" -- 2>/dev/null || true; }

# Test keys that packages carry are nobody's secret.
searched() { named_not '/(node_modules|site-packages|dist-packages)/.*/tests?/'; }

containing() { searched | matching -e "$1"; }

aws_keys() {
  # The documentation's own keys end in EXAMPLE.
  { searched | xargs -0 -r grep -oHIE -e '(^|[^A-Z0-9])(AKIA|ASIA)[A-Z0-9]{16}([^A-Z0-9]|$)' -- 2>/dev/null || true; } |
    { grep -v 'EXAMPLE' || true; } | cut -d: -f1
  containing 'aws_secret_access_key[[:space:]]*=[[:space:]]*[A-Za-z0-9/+]{40}'
}

# Reads paths; prints those that set a password, a token or a key to a value: no reference, no path, no obvious placeholder.
setting_secrets() {
  # shellcheck disable=SC2016 # awk's own
  xargs -0 -r awk '
    {
      line = $0
      sub(/^[[:space:]]*(export[[:space:]]+|Environment=)?["'\'']?/, "", line)
      if (!match(line, /^[A-Za-z0-9_.-]+[[:space:]]*=[[:space:]]*["'\'']?/)) next
      value = substr(line, RLENGTH + 1)
      name = tolower(line)
      sub(/[[:space:]]*=.*/, "", name)
      if (name !~ /passw(or)?d|passphrase|secret|token|api_?key|private_?key|access_?key/) next
      if (name ~ /_(file|path|dir|arn|name|id|url|uri|header|ttl|timeout|expiry|length|type)$/) next
      sub(/["'\''[:space:]]+$/, "", value)
      if (length(value) < 4 || value ~ /^[$<{%]/ || value ~ /^(\/[A-Za-z0-9._-]+)+$/) next
      if (tolower(value) ~ /^(change_?me|none|null|true|false|x+|\*+|example|placeholder)$/) next
      print FILENAME
      nextfile
    }' 2>/dev/null || true
}

dotenv_files() { named '/\.env(\.[^/]*)?$' | { grep -zvE -e '\.(example|sample|template)$' || true; } | setting_secrets; }

environment_files() {
  named '(/environment|[^/]\.env|/etc/(default|sysconfig|profile\.d)/[^/]+|/etc/systemd/.*\.(service|conf))$' | setting_secrets
}

git_credentials() { named '/\.git/config$' | matching -e 'https?://[^/@[:space:]]+@'; }

user_credentials() {
  local home
  for home in "${homes[@]}"; do
    not_empty "$home/.aws/credentials" "$home/.netrc" "$home/.git-credentials" "$home/.pypirc" "$home/.pgpass" "$home/.my.cnf"
    grep -lsE '"auth"[[:space:]]*:[[:space:]]*"[^"]' "$home/.docker/config.json" || true
    grep -lsE '(_authToken|_password|_auth)[[:space:]]*=[[:space:]]*[^[:space:]$]' "$home/.npmrc" || true
  done
}

user_keys() {
  local home
  for home in "${homes[@]}"; do
    grep -rlsE -e '-----BEGIN ([A-Z0-9]+ )*PRIVATE KEY-----' "$home/.ssh" || true
  done
}

histories() {
  local home
  for home in "${homes[@]}"; do not_empty "$home"/.*_history; done
  named '/\.(bash|sh|zsh|ash|ksh|python|node_repl|irb|mysql|psql|sqlite|rediscli)_history$' |
    while IFS= read -r -d '' path; do not_empty "$path"; done
}

# Values that bake itself handed to provisioners, in any file at all; the name says which.
secrets_passed_in() {
  local path name text
  cut -f 2- "$BAKE_VERIFY_SECRETS" >"$list.values"
  { find / \( -path /proc -o -path /sys -o -path /dev -o -path /run \) -prune -o -type f -newerct "$since" -print0 2>/dev/null || true; } |
    { LC_ALL=C xargs -0 -r grep -laF -f "$list.values" -- 2>/dev/null || true; } |
    while IFS= read -r path; do
      while IFS=$'\t' read -r name text; do
        # Never as an argument of a process.
        if LC_ALL=C grep -qaF -f <(printf '%s\n' "$text") -- "$path"; then printf '%s (%s)\n' "$path" "$name"; fi
      done <"$BAKE_VERIFY_SECRETS"
    done
}

authorized_keys() {
  local home
  for home in "${homes[@]}"; do not_empty "$home/.ssh/authorized_keys" "$home/.ssh/authorized_keys2"; done
}

machine_id() {
  if [ -s /etc/machine-id ] && [ "$(cat /etc/machine-id)" != uninitialized ]; then echo /etc/machine-id; fi
}

# The first value that sshd meets counts, and included files come first. Without one it takes passwords.
password_logins() {
  local line file
  if [ ! -f /etc/ssh/sshd_config ]; then return; fi
  line=$(grep -isHE '^[[:space:]]*PasswordAuthentication[[:space:]]' /etc/ssh/sshd_config.d/*.conf /etc/ssh/sshd_config | head -n 1) || true
  file=${line%%:*}
  if ! [[ ${line,,} =~ passwordauthentication[[:space:]]+no ]]; then printf '%s\n' "${file:-/etc/ssh/sshd_config}"; fi
}

python_caches() { named '/__pycache__/[^/]*\.py[co]$' | lines; }
writable_by_all() { changed -perm -0002 -print; }
setuid_programs() { changed -perm /6000 -print | unless_allowed; }

# Of the paths that it reads, those whose program is not allowed by name.
unless_allowed() {
  local path
  while IFS= read -r path; do
    if ! grep -qxF -e "${path##*/}" <<<"${BAKE_VERIFY_ALLOW:-}"; then printf '%s\n' "$path"; fi
  done
}

# Development tools that the base image did not bring, on the PATH or in a directory for programs.
added_tools() {
  local names tool path
  names=$(printf '%s|' "${DEVELOPMENT_TOOLS[@]//+/\\+}")
  {
    development_tools | while IFS= read -r tool; do
      path=$(type -P "$tool")
      if [ -e /var/lib/bake/base-tools ]; then
        if ! grep -qxF -e "$tool" /var/lib/bake/base-tools; then printf '%s\n' "$path"; fi
      else
        find "$(readlink -f "$path")" -maxdepth 0 -newerct "$since" -printf "$path\n"
      fi
    done
    named "/s?bin/(${names%|})\$" | lines
  } | unless_allowed
}

each() {
  local name
  while IFS= read -r name; do
    if [ -n "$name" ]; then "$1" "$name"; fi
  done <<<"$2"
}

missing_file() { if [ ! -e "${1%%$'\t'*}" ]; then printf '%s\n' "${1%%$'\t'*}"; fi; }
present_file() { if [ -e "$1" ] || [ -L "$1" ]; then printf '%s\n' "$1"; fi; }
missing_command() { if ! command -v "$1" >/dev/null; then printf '%s\n' "$1"; fi; }
disabled_service() { if ! systemctl is-enabled --quiet "${1%%$'\t'*}" >/dev/null 2>&1; then printf '%s\n' "${1%%$'\t'*}"; fi; }

wrong_attributes() {
  local path owner mode is
  # Not a tab: read takes two in a row for one.
  IFS=$'\x1f' read -r path owner mode <<<"${1//$'\t'/$'\x1f'}"
  if [ ! -e "$path" ]; then return; fi
  is=$(stat -L -c %U "$path")
  if [ -n "$owner" ] && [ "$is" != "$owner" ]; then printf '%s belongs to %s instead of %s\n' "$path" "$is" "$owner"; fi
  is=0$(stat -L -c %a "$path")
  if [ -n "$mode" ] && [ "$is" != "$mode" ]; then printf '%s has mode %s instead of %s\n' "$path" "$is" "$mode"; fi
}

wrong_user() {
  local service=${1%%$'\t'*} wanted=${1##*$'\t'} unit user
  unit=$(systemctl cat "$service" 2>/dev/null) || return 0
  user=$(sed -n 's/^User=//p' <<<"$unit" | tail -n 1)
  if [ -z "$user" ] && grep -qiE '^DynamicUser=(yes|true|1)' <<<"$unit"; then user="a user of its own"; fi
  user=${user:-root}
  if [ -n "$wanted" ] && [ "$user" != "$wanted" ]; then printf '%s runs as %s instead of %s\n' "$service" "$user" "$wanted"; fi
  if [ -z "$wanted" ] && [[ $user =~ ^(root|0)$ ]]; then printf '%s runs as root\n' "$service"; fi
}

if [ -s "${BAKE_VERIFY_SECRETS:-}" ]; then check 'no secrets that were passed in' secrets_passed_in; fi
if [ "${BAKE_VERIFY_ONLY:-}" = secrets ]; then exit $((failed * 3)); fi
check 'no shell histories' histories
check 'no authorized keys' authorized_keys
check 'no private keys of users' user_keys
check 'no credentials of users' user_credentials
check 'no ssh host keys' existing /etc/ssh/ssh_host_*_key
check 'no private keys in files' containing '-----BEGIN ([A-Z0-9]+ )*PRIVATE KEY-----[[:space:]]*(\\n|$)'
check 'no AWS keys in files' aws_keys
check 'no secrets in .env files' dotenv_files
check 'no passwords in environment files' environment_files
check 'no credentials in git remotes' git_credentials
check 'machine-id is empty' machine_id
check 'no cloud-init state' existing /var/lib/cloud/instance /var/lib/cloud/instances/*
check 'no password logins over ssh' password_logins
check 'no caches of Python' python_caches
check 'no files that everybody may write' writable_by_all
check 'no programs that run as their owner' setuid_programs
check 'no development tools were added' added_tools
if [ -n "${BAKE_VERIFY_FILES:-}" ]; then
  check 'required files exist' each missing_file "$BAKE_VERIFY_FILES"
  check 'files have their owner and mode' each wrong_attributes "$BAKE_VERIFY_FILES"
fi
if [ -n "${BAKE_VERIFY_ABSENT:-}" ]; then check 'unwanted files are absent' each present_file "$BAKE_VERIFY_ABSENT"; fi
if [ -n "${BAKE_VERIFY_COMMANDS:-}" ]; then check 'required commands are present' each missing_command "$BAKE_VERIFY_COMMANDS"; fi
if [ -n "${BAKE_VERIFY_SERVICES:-}" ]; then
  check 'services are enabled' each disabled_service "$BAKE_VERIFY_SERVICES"
  check 'services run as a user of their own' each wrong_user "$BAKE_VERIFY_SERVICES"
fi

if [ "$failed" -eq 1 ]; then exit 3; fi
