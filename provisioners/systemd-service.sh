#!/usr/bin/env bash
# bake:systemd-service: a service that starts at boot. Either a unit file that was uploaded before:
#   UNIT               its path in the image; it is copied to /etc/systemd/system
# or one that is written from:
#   SERVICE            name of the service
#   COMMAND            what it runs, as in ExecStart=
#   RUN_AS             the account that it runs as
#   DESCRIPTION        Default: the name
#   WORKING_DIRECTORY  Default: /
#   ENVIRONMENT_FILE   file with its environment, written by user data; before it is there the service does not start
#   STOP_TIMEOUT       seconds that it gets to finish what it has in hand. Default: 30
#   WRITABLE           directories that it may write to, separated by spaces; everything else is read-only to it
set -euo pipefail

unit=$(mktemp)
trap 'rm -f "$unit"' EXIT
if [ -n "${UNIT:-}" ]; then
  if [ ! -f "$UNIT" ]; then
    echo "UNIT is $UNIT: there is no such file in the image; upload it before" >&2
    exit 1
  fi
  name=${UNIT##*/}
  cat "$UNIT" >"$unit"
else
  name=${SERVICE:?name of the service, or UNIT}.service
  cat >"$unit" <<UNIT_FILE
[Unit]
Description=${DESCRIPTION:-$SERVICE}
Wants=network-online.target
After=network-online.target
${ENVIRONMENT_FILE:+ConditionPathExists=$ENVIRONMENT_FILE}

[Service]
User=${RUN_AS:?the account that it runs as}
WorkingDirectory=${WORKING_DIRECTORY:-/}
${ENVIRONMENT_FILE:+EnvironmentFile=$ENVIRONMENT_FILE}
ExecStart=${COMMAND:?what it runs}
Restart=always
RestartSec=1
TimeoutStopSec=${STOP_TIMEOUT:-30}
NoNewPrivileges=yes
PrivateTmp=yes
ProtectHome=yes
ProtectSystem=strict
${WRITABLE:+ReadWritePaths=$WRITABLE}

[Install]
WantedBy=multi-user.target
UNIT_FILE
fi
if ! cmp -s "$unit" "/etc/systemd/system/$name"; then
  install -o root -g root -m 0644 "$unit" "/etc/systemd/system/$name"
  systemctl daemon-reload
fi
systemctl enable --quiet "$name"
echo "$name starts at boot"
