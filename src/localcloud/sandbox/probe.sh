#!/bin/bash
# Tries, in namespaces of its own, what an instance's start needs. Arguments: a scratch directory, directories of the host.
set -eu
cd "$1"
shift
for path in "$@"; do
  mkdir -p "layer/$path" "up/$path" "work/$path" "root/$path"
  mount -t overlay overlay -o "lowerdir=layer/$path:/$path,upperdir=up/$path,workdir=work/$path,redirect_dir=on" "root/$path"
  ls "root/$path" >/dev/null
done
mkdir -p root/proc root/tmp
mount -t proc proc root/proc
mount -t tmpfs tmpfs root/tmp
mknod root/tmp/null c 1 3
