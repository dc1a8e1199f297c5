#!/usr/bin/env bash
# Removes what must not be in an image: the last thing done to a builder before it is verified. May run twice.
#   BAKE_BASE_CREATED  seconds since the epoch when the base image was made: caches older than that are the base image's own
set -euo pipefail
shopt -s nullglob dotglob

# shellcheck source=provisioners/lib/homes.sh
source "$(dirname "$0")/lib/homes.sh"
# shellcheck source=provisioners/lib/containers.sh
source "$(dirname "$0")/lib/containers.sh"
# shellcheck source=provisioners/lib/forget-commands.sh
source "$(dirname "$0")/lib/forget-commands.sh"

while IFS= read -r home; do
  # Shell and tool histories, the builder's keys, caches of language tools.
  rm -rf "$home"/.*_history "$home"/.lesshst "$home"/.viminfo "$home"/.wget-hsts "$home"/.sudo_as_admin_successful \
    "$home"/.ssh/authorized_keys "$home"/.ssh/authorized_keys2 "$home"/.ssh/known_hosts \
    "$home"/.cache "$home"/.npm/_cacache "$home"/.npm/_logs "$home"/.npm/_npx
done < <(homes)

# Package managers' caches. Failing to clean one is not a reason to keep the rest.
if command -v apt-get >/dev/null; then
  apt-get clean || true
  rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin
fi
if command -v dnf >/dev/null; then
  dnf clean all >/dev/null || true
elif command -v yum >/dev/null; then
  yum clean all >/dev/null || true
fi
rm -rf /var/cache/dnf/* /var/cache/yum/* /var/cache/apk/*

# Python's caches, where people put programs; those in /usr/lib belong to packages, those of containers to their images.
for tree in /etc /home /opt /root /srv /usr/local /var; do
  if [ ! -d "$tree" ]; then continue; fi
  caches=(find "$tree" -xdev "(" "${CONTAINERS[@]}" ")" -prune -o -newerct "@${BAKE_BASE_CREATED:-0}")
  "${caches[@]}" -type f -path '*/__pycache__/*.py[co]' -exec rm -f {} +
  "${caches[@]}" -type d -name __pycache__ -empty -exec rmdir {} + || true
done

# sshd takes passwords unless told otherwise. Who wants that has to say so in a file of its own, and verification will ask.
if [ -f /etc/ssh/sshd_config ] &&
  ! grep -qisE '^[[:space:]]*PasswordAuthentication[[:space:]]' /etc/ssh/sshd_config.d/*.conf /etc/ssh/sshd_config; then
  # First, as the first value counts and nothing may follow a Match block.
  sed -i '1i PasswordAuthentication no' /etc/ssh/sshd_config
fi

# Host keys, so that no two instances share one; cloud-init's state, so that user data runs on every new instance.
rm -f /etc/ssh/ssh_host_*
rm -rf /var/lib/cloud/instance /var/lib/cloud/instances/* /var/lib/cloud/data/* /var/lib/cloud/sem/*

forget_commands

# What identifies this machine. An empty machine-id is filled at the next boot.
if [ -s /etc/machine-id ]; then
  : >/etc/machine-id
fi
if [ -f /var/lib/dbus/machine-id ] && [ ! -L /var/lib/dbus/machine-id ]; then
  rm -f /var/lib/dbus/machine-id
fi
rm -f /var/lib/systemd/random-seed /var/lib/dhcp/*.lease* /var/lib/NetworkManager/*.lease \
  /etc/udev/rules.d/70-persistent-net.rules

# Temporary files. Mounts (tmpfs) are left alone: they are not in the image.
for directory in /tmp /var/tmp; do
  find "$directory" -xdev -mindepth 1 -delete 2>/dev/null || true
done

# Logs last, as the commands above write some. Rotated ones go, open ones are emptied, directories stay for their services.
if [ -d /var/log ]; then
  find /var/log -xdev -type f \( -name '*.gz' -o -name '*.xz' -o -name '*.old' -o -name '*.[0-9]' -o -name '*.journal' \) -delete
  find /var/log -xdev -type f -size +0 -exec truncate -s 0 {} +
fi
sync
