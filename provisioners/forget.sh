#!/usr/bin/env bash
# Removes what the cloud's command service keeps of the commands so far: secrets travel in them.
set -euo pipefail
# shellcheck source=provisioners/lib/forget-commands.sh
source "$(dirname "$0")/lib/forget-commands.sh"

forget_commands
