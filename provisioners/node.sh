#!/usr/bin/env bash
# bake:node: Node.js, and the packages of an application that was uploaded before.
#   NODE       major version, such as 22 (Amazon Linux; elsewhere the distribution has one only). Default: the one that is there, else the
#              distribution's
#   DIRECTORY  directory with package.json: its packages are installed by `npm ci` without those for development. Default: none
# The packages belong to root: the application reads them and cannot change them.
set -euo pipefail
# shellcheck source=provisioners/lib/packages.sh
source "$(dirname "$0")/lib/packages.sh"

directory=${DIRECTORY:-}
if [ -n "$directory" ] && [ ! -f "$directory/package.json" ]; then
  fail "DIRECTORY is $directory: there is no package.json; upload it before"
fi

case $DISTRIBUTION in
amazon) packages=("nodejs${NODE:-22}" "nodejs${NODE:-22}-npm") ;;
*) packages=(nodejs npm) ;;
esac
if ! type -P node >/dev/null; then install_packages "${packages[@]}"; fi

if [ -n "$directory" ] && grep -q '"dependencies"' "$directory/package.json"; then
  if ! type -P npm >/dev/null; then install_packages "${packages[1]}"; fi
  cache=$(mktemp -d)
  trap 'rm -rf "$cache"' EXIT
  command=ci
  if [ ! -f "$directory/package-lock.json" ]; then command=install; fi
  (cd "$directory" && npm "$command" --omit=dev --cache "$cache" --no-audit --no-fund --no-update-notifier)
fi
echo "Node.js $(node --version)${directory:+, packages of $directory}"
