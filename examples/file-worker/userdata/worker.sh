#!/usr/bin/env bash
# Runs once at first boot. Runtime configuration comes from here and is never baked into the image.
# bake fills in ${project}, ${release}, ${environment}, ${region} and ${vars.…} when it writes the launch template.
# shellcheck disable=SC2154,SC2016
set -euo pipefail

install -d -m 0755 /etc/file-worker
cat >/etc/file-worker/environment <<'ENVIRONMENT'
QUEUE_NAME=${vars.queue}
INDEX_URL=${vars.indexUrl}
INDEX_NAME=documents
LANGUAGES=${vars.languages}
LOG_FILE=/var/log/file-worker/worker.log
LOG_GROUP=${vars.logGroup}
LIFECYCLE_HOOK=drain
AWS_REGION=${region}
ENVIRONMENT
# bake's test of a new image runs this as well, and must take no message.
if [ "${BAKE_CHECK:-}" = 1 ]; then exit 0; fi
systemctl restart file-worker.service
echo "file worker of ${environment}, release ${release}, has started"
