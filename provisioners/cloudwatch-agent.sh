#!/usr/bin/env bash
# bake:cloudwatch-agent: installs the CloudWatch agent (metrics and logs of the machine).
#   CONFIG  path in the image of the agent's configuration (JSON), uploaded before. With it the agent is started at boot.
# From Amazon Linux's own repository; elsewhere from AWS, after its signature was checked.
set -euo pipefail
# shellcheck source=provisioners/lib/packages.sh
source "$(dirname "$0")/lib/packages.sh"

SOURCE=https://amazoncloudwatch-agent.s3.amazonaws.com
# AWS: "Verifying the signature of the CloudWatch agent package".
FINGERPRINT=937616F3450B7D806CBD9725D58167303B789C72
HOME_DIRECTORY=/opt/aws/amazon-cloudwatch-agent

download_agent() {
  local architecture platform format directory
  case $(uname -m) in
  x86_64) architecture=amd64 ;;
  aarch64) architecture=arm64 ;;
  *) fail "there is no CloudWatch agent for $(uname -m)" ;;
  esac
  case $(os_release ID) in
  ubuntu) platform=ubuntu format=deb ;;
  debian) platform=debian format=deb ;;
  *) platform=redhat format=rpm ;;
  esac
  if ! command -v curl >/dev/null; then install_packages curl ca-certificates; fi
  if ! command -v gpg >/dev/null; then if [ "$format" = deb ]; then install_packages gpg; else install_packages gnupg2; fi; fi
  directory=$(mktemp -d)
  # shellcheck disable=SC2064 # the directory of now
  trap "rm -rf '$directory'" EXIT
  local package="$directory/agent.$format" url="$SOURCE/$platform/$architecture/latest/amazon-cloudwatch-agent.$format"
  curl -fsSL --retry 3 -o "$package" "$url"
  curl -fsSL --retry 3 -o "$package.sig" "$url.sig"
  curl -fsSL --retry 3 -o "$directory/key" "$SOURCE/assets/amazon-cloudwatch-agent.gpg"
  gpg --homedir "$directory" --quiet --batch --import "$directory/key"
  if ! gpg --homedir "$directory" --batch --status-fd 1 --verify "$package.sig" "$package" 2>/dev/null |
    grep -q "^\[GNUPG:\] VALIDSIG $FINGERPRINT "; then
    fail "the CloudWatch agent from $url is not signed by AWS: not installed"
  fi
  if [ "$format" = deb ]; then apt install "$package"; else "$PACKAGER" install -y "$package"; fi
}

# It may have come without a package; the local cloud brings a stand-in that sends log files.
if ! package_installed amazon-cloudwatch-agent && ! type -P amazon-cloudwatch-agent-ctl >/dev/null; then
  if [ "$DISTRIBUTION" = amazon ]; then install_packages amazon-cloudwatch-agent; else download_agent; fi
fi

if [ -n "${CONFIG:-}" ]; then
  if [ ! -f "$CONFIG" ]; then fail "CONFIG is $CONFIG: there is no such file in the image; upload it before"; fi
  if command -v python3 >/dev/null && ! python3 -m json.tool "$CONFIG" >/dev/null; then fail "$CONFIG is not JSON"; fi
  put_file "$CONFIG" "$HOME_DIRECTORY/etc/amazon-cloudwatch-agent.json" || true
  systemctl enable --quiet amazon-cloudwatch-agent.service
fi
echo "the CloudWatch agent is installed${CONFIG:+, with $CONFIG}"
