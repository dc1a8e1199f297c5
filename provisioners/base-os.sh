#!/usr/bin/env bash
# bake:base-os: brings the operating system up to date.
#   UPDATE      all (default), security (dnf and yum only) or none
#   RELEASEVER  Amazon Linux 2023: the release to update to, such as 2023.9.20251117. Default: latest
#   PACKAGES    further packages to install, separated by spaces
#   TIMEZONE    such as Asia/Tokyo. Default: left as it is
set -euo pipefail
# shellcheck source=provisioners/lib/packages.sh
source "$(dirname "$0")/lib/packages.sh"

read -ra packages <<<"${PACKAGES:-}"
update=${UPDATE:-all}
case $update in
all | security | none) ;;
*) fail "UPDATE is $update: all, security or none" ;;
esac

if [ "$update" != none ]; then
  arguments=(upgrade -y)
  # Its repositories are locked to the release of the base image, unless told.
  if [ "$DISTRIBUTION" = amazon ]; then arguments+=("--releasever=${RELEASEVER:-latest}"); fi
  if [ "$update" = security ]; then arguments+=(--security); fi
  if [ "$PACKAGER" != apt-get ]; then
    "$PACKAGER" "${arguments[@]}"
  elif [ "$update" = security ]; then
    fail 'UPDATE=security: apt cannot tell security updates apart; use all or none'
  else
    refresh_packages
    apt dist-upgrade
    apt autoremove
  fi
fi

install_packages "${packages[@]}"

if [ -n "${TIMEZONE:-}" ]; then
  zone=/usr/share/zoneinfo/$TIMEZONE
  if [ ! -f "$zone" ]; then fail "TIMEZONE is $TIMEZONE: there is no $zone"; fi
  if [ "$(readlink /etc/localtime)" != "$zone" ]; then ln -sfn "$zone" /etc/localtime; fi
fi
echo "$(os_release PRETTY_NAME) is up to date ($update)"
