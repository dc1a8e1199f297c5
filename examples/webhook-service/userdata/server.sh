#!/usr/bin/env bash
# User data of the server: runs once at first boot, and makes it ready for releases. What it makes: an account that the service runs
# as, one that releases are brought by, the directory for them, the unit, and settings that are never part of a release.
set -euo pipefail

ROOT=/opt/webhook

getent passwd webhook >/dev/null || useradd --system --user-group --home-dir /var/lib/webhook --no-create-home --shell /usr/sbin/nologin webhook
getent passwd deploy >/dev/null || useradd --user-group --create-home --shell /bin/bash deploy
install -d -o deploy -g deploy -m 0755 "$ROOT"
install -d -o webhook -g webhook -m 0750 /var/lib/webhook

# The key pair that the server was made with lets root in; from now on it lets deploy in, and nobody else.
install -d -o deploy -g deploy -m 0700 /home/deploy/.ssh
install -o deploy -g deploy -m 0600 /root/.ssh/authorized_keys /home/deploy/.ssh/authorized_keys
install -d -m 0755 /etc/ssh/sshd_config.d
printf '%s\n' 'PasswordAuthentication no' 'PermitRootLogin no' >/etc/ssh/sshd_config.d/10-webhook.conf
rm /root/.ssh/authorized_keys
if systemctl is-active --quiet sshd; then systemctl reload sshd || true; fi

# As printed by `bake in-place setup --print`: restart and status of this unit, nothing else.
install -d -m 0750 /etc/sudoers.d
install -m 0440 /dev/stdin /etc/sudoers.d/bake-webhook-service <<'SUDOERS'
deploy ALL=(root) NOPASSWD: /usr/bin/systemctl restart webhook.service
deploy ALL=(root) NOPASSWD: /usr/bin/systemctl status webhook.service
SUDOERS

# Nginx or a load balancer ends TLS and is the only one to speak to the service. On the local cloud, where servers share the machine's
# network, the service listens on its server's own address.
listen=127.0.0.1
if [ -n "${AWS_EC2_METADATA_SERVICE_ENDPOINT:-}" ]; then
  listen=${AWS_EC2_METADATA_SERVICE_ENDPOINT#*://}
  listen=${listen%%[:/]*}
fi
install -d -m 0755 /etc/webhook
if [ ! -e /etc/webhook/environment ]; then
  # The secret is made here and has never been anywhere else: read it there, and give it to the sender.
  install -o root -g root -m 0600 /dev/stdin /etc/webhook/environment <<SETTINGS
WEBHOOK_SECRET=$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')
DATABASE=/var/lib/webhook/deliveries.db
HOST=$listen
PORT=8000
SETTINGS
fi

install -m 0644 /dev/stdin /etc/systemd/system/webhook.service <<'UNIT'
[Unit]
Description=Webhooks
Wants=network-online.target
After=network-online.target
# There from the first release on.
ConditionPathExists=/opt/webhook/current
# A release that does not start must not use up the starts of the one that is switched back to.
StartLimitIntervalSec=0

[Service]
User=webhook
WorkingDirectory=/opt/webhook/current
EnvironmentFile=/etc/webhook/environment
Environment=PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
ExecStart=/opt/webhook/current/.venv/bin/python -m webhook
Restart=always
RestartSec=1
TimeoutStopSec=30
NoNewPrivileges=yes
PrivateTmp=yes
ProtectHome=yes
ProtectSystem=strict
ReadWritePaths=/var/lib/webhook

[Install]
WantedBy=multi-user.target
UNIT
systemctl daemon-reload
systemctl enable --quiet webhook.service
echo "this server is ready for releases"
