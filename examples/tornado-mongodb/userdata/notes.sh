#!/usr/bin/env bash
# Runs once at first boot. Runtime configuration comes from here and is never baked into the image.
# bake fills in ${project}, ${release}, ${environment}, ${region} and ${vars.…} when it writes the launch template.
# shellcheck disable=SC2154,SC2016
set -euo pipefail

# On the local cloud instances share the machine's network: each listens on its own address.
listen=0.0.0.0
if [ -n "${AWS_EC2_METADATA_SERVICE_ENDPOINT:-}" ]; then
  listen=${AWS_EC2_METADATA_SERVICE_ENDPOINT#*://}
  listen=${listen%%[:/]*}
fi

# The address of the database has its password: the instance's own role fetches it, and it is in no launch template.
database='${vars.database}'
case $database in
secret:*)
  database=$(aliyun oos GetSecretParameter --RegionId '${region}' --Name "${database#secret:}" --WithDecryption true |
    python3 -c 'import json, sys; print(json.load(sys.stdin)["Parameter"]["Value"])')
  ;;
esac

install -d -m 0755 /etc/notes
install -m 0600 /dev/stdin /etc/notes/environment <<ENVIRONMENT
BAKE_RELEASE=${release}
DATABASE_URL=$database
HOST=$listen
PORT=8080
LOG_FILE=/var/log/notes/notes.log
ENVIRONMENT
systemctl restart notes.service
echo "notes of ${environment}, release ${release}, has started"
