#!/usr/bin/env bash
# Readies a builder for its first provisioner: first boot is over, no package manager is at work by itself.
set -euo pipefail
# shellcheck source=provisioners/lib/development-tools.sh
source "$(dirname "$0")/lib/development-tools.sh"

if command -v cloud-init >/dev/null; then timeout 300 cloud-init status --wait >/dev/null || true; fi
if command -v apt-get >/dev/null && command -v systemctl >/dev/null; then
  systemctl stop apt-daily.timer apt-daily-upgrade.timer unattended-upgrades.service >/dev/null 2>&1 || true
fi

# What the base image brings is its own business; verification asks what was added. Images of layers carry this along.
if [ ! -e /var/lib/bake/base-tools ]; then
  mkdir -p /var/lib/bake
  development_tools >/var/lib/bake/base-tools
fi
