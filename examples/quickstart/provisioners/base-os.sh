#!/usr/bin/env bash
# Base layer: the account that the worker runs as, and its directories. Changes seldom.
set -euo pipefail

if ! getent passwd "$WORKER_USER" >/dev/null; then
  useradd --system --home-dir /opt/worker --shell /usr/sbin/nologin "$WORKER_USER"
fi
install -d -m 0755 /opt/worker
install -d -m 0750 -o "$WORKER_USER" -g "$WORKER_USER" /var/lib/worker
echo "account $WORKER_USER is there"
