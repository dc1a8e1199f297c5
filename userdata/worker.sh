#!/usr/bin/env bash
# User data of a queue worker: runs once, at an instance's first boot. Copy it beside bake.yaml and name it in fleet.userData.
# What differs between environments belongs here, and never into the image. bake fills in ${project}, ${environment}, ${release},
# ${region} and ${vars.NAME} (fleet.variables); every other ${…} is the shell's, and $${release} is a literal one.
# shellcheck disable=SC2154,SC2016
set -euo pipefail

install -d -m 0755 "/etc/${project}"
cat >"/etc/${project}/environment" <<'ENVIRONMENT'
QUEUE_NAME=${vars.queue}
LOG_GROUP=${vars.logGroup}
AWS_REGION=${region}
BAKE_ENVIRONMENT=${environment}
ENVIRONMENT
# The test of a new image (image.test.userData) runs this as well, and must touch nothing of production.
if [ "${BAKE_CHECK:-}" = 1 ]; then exit 0; fi
systemctl restart "${vars.service}"
echo "${vars.service} of ${project}, release ${release}, has started"
