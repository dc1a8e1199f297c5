#!/usr/bin/env bash
# Pulls the application's container into the image, so that an instance starts without asking the registry.
#   CONTAINER          what to pull, with its digest: registry/name@sha256:…
#   REGISTRY_USER      account of the registry. Default: none is needed
#   REGISTRY_PASSWORD  its password (a secret: a token of an hour's life)
set -euo pipefail

case ${CONTAINER:?the container to pull} in
*@sha256:*) ;;
*)
  echo "CONTAINER is $CONTAINER: name it by its digest (…@sha256:…), which always means the same" >&2
  exit 1
  ;;
esac
# Login data in memory only.
DOCKER_CONFIG=$(mktemp -d /run/docker-login.XXXXXX)
export DOCKER_CONFIG
trap 'rm -rf "$DOCKER_CONFIG"' EXIT
if [ -n "${REGISTRY_USER:-}" ]; then
  printf '%s' "$REGISTRY_PASSWORD" | docker login --username "$REGISTRY_USER" --password-stdin "${CONTAINER%%/*}"
fi
systemctl start docker.service
docker pull --quiet "$CONTAINER"
docker tag "$CONTAINER" notes:baked
# The container answers before anybody waits for it.
docker run --rm --network none notes:baked python -c 'import notes.web, pymongo'
echo "$CONTAINER is in the image as notes:baked"
