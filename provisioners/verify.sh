#!/usr/bin/env bash
# Checks a builder just before its disk becomes an image, after clean-up. Prints a line for each finding:
#   ok<TAB>check
#   fail<TAB>check<TAB>what failed (a path, a command, a service; never a value)
# BAKE_BASE_CREATED: seconds since the epoch when the base image was made. Contents are searched in files changed since then.
# BAKE_VERIFY_{FILES,ABSENT,COMMANDS,SERVICES}: what the image must (not) have, a line each.
# Exits with 0 when all is well, 3 when a check failed.
set -euo pipefail
# A search that breaks must not pass for one that found nothing.
shopt -s nullglob dotglob inherit_errexit

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

mapfile -t homes < <(getent passwd | cut -d: -f6 | sort -u | while IFS= read -r home; do
  case $home in
  / | /bin* | /sbin* | /dev* | /proc* | /run* | /usr | /usr/bin* | /usr/sbin* | /usr/lib* | /etc* | /var | /var/run* | /nonexistent) ;;
  *) if [ -d "$home" ]; then printf '%s\n' "$home"; fi ;;
  esac
done)

# Files that were made or changed since the base image, in places where people put things; found once, separated by NUL.
list=$(mktemp /run/bake-verify.XXXXXX)
trap 'rm -f "$list"' EXIT
mapfile -t trees < <(existing /etc /opt /home /root /srv /usr/local /var)
# A file that vanishes meanwhile makes find fail, and is no reason to.
find "${trees[@]}" -xdev -type f -size -2048k -newerct "@${BAKE_BASE_CREATED:-0}" \
  -not -path '/var/log/*' -not -path '/var/lib/dpkg/*' -not -path '/var/lib/rpm/*' -print0 >"$list" 2>/dev/null || true

# Those among them whose path matches, or (named_not) does not match.
named() { grep -zE -e "$1" "$list" || true; }
named_not() { grep -zvE -e "$1" "$list" || true; }

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

env_files() {
  named '/\.env(\.[^/]*)?$' | { grep -zvE -e '\.(example|sample|template)$' || true; } |
    matching -i -e '^[^#]*(passw(or)?d|secret|token|api_?key|private_key|access_key)[a-z0-9_]*[[:space:]]*=[[:space:]]*["'\'']?[^"'\''$[:space:]]{4,}'
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
}

authorized_keys() {
  local home
  for home in "${homes[@]}"; do not_empty "$home/.ssh/authorized_keys" "$home/.ssh/authorized_keys2"; done
}

machine_id() {
  if [ -s /etc/machine-id ] && [ "$(cat /etc/machine-id)" != uninitialized ]; then echo /etc/machine-id; fi
}

password_logins() {
  # The first value that sshd meets counts, and included files come first.
  local line
  line=$(grep -hisE '^[[:space:]]*PasswordAuthentication[[:space:]]' /etc/ssh/sshd_config.d/*.conf /etc/ssh/sshd_config | head -n 1) || true
  if [[ ${line,,} =~ passwordauthentication[[:space:]]+yes ]]; then
    grep -lisE '^[[:space:]]*PasswordAuthentication[[:space:]]+yes' /etc/ssh/sshd_config.d/*.conf /etc/ssh/sshd_config || true
  fi
}

each() {
  local name
  while IFS= read -r name; do
    if [ -n "$name" ]; then "$1" "$name"; fi
  done <<<"$2"
}

missing_file() { if [ ! -e "$1" ]; then printf '%s\n' "$1"; fi; }
present_file() { if [ -e "$1" ] || [ -L "$1" ]; then printf '%s\n' "$1"; fi; }
missing_command() { if ! command -v "$1" >/dev/null; then printf '%s\n' "$1"; fi; }
disabled_service() { if ! systemctl is-enabled --quiet "$1" >/dev/null 2>&1; then printf '%s\n' "$1"; fi; }

check 'no shell histories' histories
check 'no authorized keys' authorized_keys
check 'no private keys of users' user_keys
check 'no credentials of users' user_credentials
check 'no ssh host keys' existing /etc/ssh/ssh_host_*_key
check 'no private keys in files' containing '-----BEGIN ([A-Z0-9]+ )*PRIVATE KEY-----[[:space:]]*(\\n|$)'
check 'no AWS keys in files' aws_keys
check 'no secrets in .env files' env_files
check 'no credentials in git remotes' git_credentials
check 'machine-id is empty' machine_id
check 'no cloud-init state' existing /var/lib/cloud/instance /var/lib/cloud/instances/*
check 'no password logins over ssh' password_logins
if [ -n "${BAKE_VERIFY_FILES:-}" ]; then check 'required files exist' each missing_file "$BAKE_VERIFY_FILES"; fi
if [ -n "${BAKE_VERIFY_ABSENT:-}" ]; then check 'unwanted files are absent' each present_file "$BAKE_VERIFY_ABSENT"; fi
if [ -n "${BAKE_VERIFY_COMMANDS:-}" ]; then check 'required commands are present' each missing_command "$BAKE_VERIFY_COMMANDS"; fi
if [ -n "${BAKE_VERIFY_SERVICES:-}" ]; then check 'services are enabled' each disabled_service "$BAKE_VERIFY_SERVICES"; fi

if [ "$failed" -eq 1 ]; then exit 3; fi
