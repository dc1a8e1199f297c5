#!/usr/bin/env bash
# bake:app-user: the account that an application runs as (no password, no shell), and its directories.
#   APP_USER     name of the account. Required
#   APP_UID      its number, where several machines share files. Default: the next that is free
#   APP_HOME     its home directory, which belongs to root. Default: /opt/NAME
#   MEMBER_OF    further groups, separated by spaces
#   DIRECTORIES  directories that it may write to, as PATH or PATH:MODE, separated by spaces. Default mode: 0750
set -euo pipefail

user=${APP_USER:?the name of the account}
home=${APP_HOME:-/opt/$user}
read -ra groups <<<"${MEMBER_OF:-}"
read -ra directories <<<"${DIRECTORIES:-}"

if [ "$user" = root ]; then
  echo 'APP_USER is root: an application needs an account of its own' >&2
  exit 1
fi
if ! getent passwd "$user" >/dev/null; then
  useradd --system --user-group ${APP_UID:+--uid "$APP_UID"} --home-dir "$home" --no-create-home \
    --shell "$(type -P nologin || echo /usr/sbin/nologin)" "$user"
fi
for group in "${groups[@]}"; do
  id -nG "$user" | tr ' ' '\n' | grep -qx "$group" || usermod -aG "$group" "$user"
done

# Unlike install -d, says nothing and touches nothing when all is as it should be.
directory() {
  local path=$1 mode=$2 owner=$3
  mkdir -p "$path"
  [ "$(stat -c %U:%G "$path")" = "$owner:$owner" ] || chown "$owner:$owner" "$path"
  [ "0$(stat -c %a "$path")" = "$mode" ] || chmod "$mode" "$path"
}
directory "$home" 0755 root
for entry in "${directories[@]}"; do
  mode=${entry#*:}
  if [ "$mode" = "$entry" ]; then mode=0750; fi
  directory "${entry%%:*}" "$mode" "$user"
done
echo "$(id "$user"), home $home"
