#!/usr/bin/env bash
# bake:docker: Docker, started at boot, with logs that are rotated.
#   USERS          users that may use Docker (which makes them as mighty as root), separated by spaces
#   IMAGES         images to pull into the machine image, separated by spaces
#   LOG_MAX_SIZE   size at which a container's log is rotated. Default: 10m
#   LOG_MAX_FILES  rotated logs that are kept. Default: 3
set -euo pipefail
# shellcheck source=provisioners/lib/packages.sh
source "$(dirname "$0")/lib/packages.sh"

read -ra users <<<"${USERS:-}"
read -ra images <<<"${IMAGES:-}"

docker_repository() {
  if [ -e /etc/yum.repos.d/docker-ce.repo ]; then return; fi
  install_packages "$([ "$PACKAGER" = dnf ] && echo dnf-plugins-core || echo yum-utils)"
  if [ "$DISTRIBUTION" = alinux ]; then
    # Lets repositories that are made for CentOS know this release.
    package_installed dnf-plugin-releasever-adapter || dnf install -y --repo alinux3-plus dnf-plugin-releasever-adapter
    dnf config-manager --add-repo https://mirrors.aliyun.com/docker-ce/linux/centos/docker-ce.repo
  else
    "$PACKAGER" config-manager --add-repo https://download.docker.com/linux/centos/docker-ce.repo
  fi
}

case $DISTRIBUTION in
amazon) install_packages docker ;;
debian) install_packages docker.io ;;
*)
  if ! package_installed docker-ce; then docker_repository; fi
  install_packages docker-ce docker-ce-cli containerd.io
  ;;
esac

settings=$(mktemp)
trap 'rm -f "$settings"' EXIT
cat >"$settings" <<JSON
{
  "log-driver": "json-file",
  "log-opts": { "max-size": "${LOG_MAX_SIZE:-10m}", "max-file": "${LOG_MAX_FILES:-3}" },
  "live-restore": true
}
JSON
put_file "$settings" /etc/docker/daemon.json || true
systemctl enable --quiet docker.service

for user in "${users[@]}"; do
  id -nG "$user" | tr ' ' '\n' | grep -qx docker || usermod -aG docker "$user"
done
if [ "${#images[@]}" -gt 0 ]; then
  systemctl start docker.service
  for image in "${images[@]}"; do
    docker image inspect "$image" >/dev/null 2>&1 || docker pull --quiet "$image"
  done
fi
echo "Docker is installed${images[*]:+, with ${images[*]}}"
