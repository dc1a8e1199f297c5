#!/usr/bin/env bash
# Runs once at first boot. Runtime configuration comes from here and is never baked into the image.
# bake fills in ${project}, ${release}, ${region} and ${vars.…} when it writes the launch template.
# shellcheck disable=SC2154
set -euo pipefail

install -d -m 0755 /etc/worker
cat >/etc/worker/environment <<'ENV'
QUEUE_NAME=${vars.queue}
LOG_GROUP=${vars.logGroup}
AWS_REGION=${region}
ENV
systemctl restart worker.service
echo "worker of ${project} release ${release} started"
