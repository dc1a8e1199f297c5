# shellcheck shell=bash
# Sourced by the provisioners: packages on Amazon Linux 2023 (dnf), Debian and Ubuntu (apt), Alibaba Cloud Linux 3 (dnf, yum).

fail() {
  printf '%s\n' "$*" >&2
  exit 1
}

# What an os-release says of the distribution.
os_release() { sed -n "s/^$1=//p" /etc/os-release | tr -d "\"'" | head -n 1; }

# amazon, alinux, debian (Ubuntu, too) or redhat (its relatives).
distribution() {
  local id
  for id in $(os_release ID) $(os_release ID_LIKE); do
    case $id in
    amzn) echo amazon && return ;;
    alinux) echo alinux && return ;;
    debian | ubuntu) echo debian && return ;;
    rhel | centos | fedora | anolis) echo redhat && return ;;
    esac
  done
  fail "$(os_release PRETTY_NAME): this provisioner knows Amazon Linux 2023, Debian, Ubuntu and Alibaba Cloud Linux 3"
}
DISTRIBUTION=$(distribution)
PACKAGER=apt-get
if [ "$DISTRIBUTION" != debian ]; then
  PACKAGER=$(type -P dnf || type -P yum) || fail 'neither dnf nor yum is there'
  PACKAGER=${PACKAGER##*/}
fi

package_installed() {
  if [ "$PACKAGER" = apt-get ]; then
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
  else
    rpm -q --quiet --whatprovides "$1"
  fi
}

# Those of the packages that are not installed, a line each.
packages_missing() {
  local package
  for package in "$@"; do
    if ! package_installed "$package"; then printf '%s\n' "$package"; fi
  done
}

# Package lists are fetched once an hour at most: clean-up removes them, and the next provisioner may need them.
refresh_packages() {
  if [ "$PACKAGER" != apt-get ]; then return; fi
  if [ -n "$(find /var/lib/apt/lists -maxdepth 1 -name '*_Packages*' -mmin -60 -print -quit 2>/dev/null)" ]; then return; fi
  apt-get update -q
}

# Waits for a package manager that is at work; keeps configuration files that were changed.
apt() {
  DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 \
    -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold "$@"
}

# Installs what is missing, without what is merely recommended. Asks for nothing when nothing is missing.
install_packages() {
  local missing
  mapfile -t missing < <(packages_missing "$@")
  if [ "${#missing[@]}" -eq 0 ]; then return; fi
  refresh_packages
  case $PACKAGER in
  apt-get) apt install --no-install-recommends "${missing[@]}" ;;
  dnf) dnf install -y --setopt=install_weak_deps=False "${missing[@]}" ;;
  yum) yum install -y "${missing[@]}" ;;
  esac
}

# Removes packages and what only they needed.
remove_packages() {
  if [ "$#" -eq 0 ]; then return; fi
  case $PACKAGER in
  apt-get) apt purge --auto-remove "$@" ;;
  *) "$PACKAGER" remove -y "$@" ;;
  esac
}

# Puts a file where it belongs unless the same is there already. Prints nothing; true when it was put.
put_file() {
  local source=$1 target=$2 mode=${3:-0644}
  if cmp -s "$source" "$target"; then return 1; fi
  install -D -o root -g root -m "$mode" "$source" "$target"
}
