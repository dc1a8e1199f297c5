#!/usr/bin/env bash
# Application layer: the unit that keeps the worker running. The files themselves were uploaded before.
set -euo pipefail

command -v node >/dev/null || { echo "node is missing in the base image" >&2; exit 1; }
install -m 0644 /opt/worker/app/worker.service /etc/systemd/system/worker.service
systemctl daemon-reload
systemctl enable worker.service
node --check /opt/worker/app/worker.mjs
echo "worker.service is enabled"
