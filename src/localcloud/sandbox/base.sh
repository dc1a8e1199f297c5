#!/bin/bash
# Makes the parts of a base that need the kernel: whiteouts, opaque directories, device nodes. Runs in a mount namespace
# of its own. The first argument is the base's directory; the others are the names of the overlays to write to.
set -eu
cd "$1"
shift

# A whiteout (character device 0/0) hides what lies under it.
while IFS= read -r -d '' path; do
  mknod -m 0 "mask/$path" c 0 0
done <absent

# A directory made over a whiteout becomes opaque: the overlay file system marks it itself.
while read -r -d '' _ _ _ path; do
  mknod -m 0 "mask/$path" c 0 0
done <empty
for top in "$@"; do
  mkdir -p "work/$top" "mnt/$top"
  mount -t overlay overlay -o "lowerdir=/$top,upperdir=mask/$top,workdir=work/$top" "mnt/$top"
done
while read -r -d '' mode uid gid path; do
  install -d -m "$mode" -o "$uid" -g "$gid" "mnt/$path"
done <empty
for top in "$@"; do umount "mnt/$top"; done
rm -r work mnt absent empty

node() { mknod -m "$2" "dev/$1" c "$3" "$4"; }
node null 666 1 3
node zero 666 1 5
node full 666 1 7
node random 666 1 8
node urandom 666 1 9
node tty 666 5 0
# What is written to the console arrives at the agent, which keeps the console's log.
mkfifo -m 622 dev/console
