#!/usr/bin/env bash
# bake:python: Python and a virtual environment with the packages of a requirements file.
#   PYTHON          version, such as 3.11. Default: the distribution's python3
#   VENV            where the virtual environment lies. Default: /opt/venv
#   REQUIREMENTS    path in the image of the requirements file, uploaded before. Default: none
#   PIP_OPTIONS     further options of pip install, separated by spaces, such as --require-hashes
#   SYSTEM_PACKAGES yes: packages of the distribution's own Python count as installed, and only others are downloaded. Default: no
#   BUILD_PACKAGES  system packages needed to compile only: removed afterwards if they were not there before
# The environment belongs to root: the application reads it and cannot change it.
set -euo pipefail
# shellcheck source=provisioners/lib/packages.sh
source "$(dirname "$0")/lib/packages.sh"

python=python${PYTHON:-3}
venv=${VENV:-/opt/venv}
requirements=${REQUIREMENTS:-}
read -ra options <<<"${PIP_OPTIONS:-}"
venv_options=()
if [ "${SYSTEM_PACKAGES:-no}" = yes ]; then venv_options=(--system-site-packages); fi
read -ra build_packages <<<"${BUILD_PACKAGES:-}"
# Caches that clean-up would have to remove.
export PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore

if [ -n "$requirements" ] && [ ! -f "$requirements" ]; then
  fail "REQUIREMENTS is $requirements: there is no such file in the image; upload it before"
fi
if [ "$DISTRIBUTION" = debian ]; then
  install_packages "$python" "$python-venv"
else
  install_packages "$python" "$python-pip"
fi

if [ ! -x "$venv/bin/python" ]; then "$python" -m venv "${venv_options[@]}" "$venv"; fi

if [ -n "$requirements" ]; then
  wanted=$(sha256sum <"$requirements")
  installed=$venv/.requirements.sha256
  if [ "$(cat "$installed" 2>/dev/null)" != "$wanted" ]; then
    mapfile -t temporary < <(packages_missing "${build_packages[@]}")
    install_packages "${build_packages[@]}"
    "$venv/bin/python" -m pip install --no-compile "${options[@]}" -r "$requirements"
    # The distribution answers for its own packages.
    if [ "${#venv_options[@]}" -eq 0 ]; then "$venv/bin/python" -m pip check; fi
    remove_packages "${temporary[@]}"
    printf '%s\n' "$wanted" >"$installed"
  fi
fi
echo "$("$venv/bin/python" --version) in $venv${requirements:+ with the packages of $requirements}"
