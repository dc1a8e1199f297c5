#!/bin/bash
# Builds an instance's file system in namespaces of its own, then becomes its PID 1. Runs in the state directory.
# Arguments: the instance's directory, the base's, the host name. Descriptor 3 tells the daemon that the agent is ready.
set -eu
instance=$1 base=$2 name=$3

# Nothing that the daemon or its callers have open may reach the instance.
for fd in /proc/self/fd/*; do
  fd=${fd##*/}
  [ "$fd" -le 3 ] || eval "exec $fd>&-"
done

# This /proc is still the host's: the number by which the host knows this process, and when it started (proc_pid_stat(5)).
read -ra stat </proc/self/stat
echo "${stat[0]} ${stat[21]}" >"$instance/pid"

# The newer mount interface takes at most 256 bytes per option, less than a list of layers needs.
export LIBMOUNT_FORCE_MOUNT2=always
mount --all --fstab "$instance/fstab.disk"
root=$instance/root
cp -a "$base/dev" "$base/run" "$root/"
cp -a "$instance/seed/." "$root/run/"
for file in hosts environment; do [ -e "$root/etc/$file" ] || : >"$root/etc/$file"; done
mount --all --fstab "$instance/fstab.late"

cd "$root"
hostname "$name"
pivot_root . run/old
umount -l /run/old
rmdir /run/old

exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin setpriv \
  --bounding-set -all,+chown,+dac_override,+fowner,+fsetid,+kill,+setgid,+setuid,+setpcap,+net_bind_service,+net_raw,+sys_chroot,+sys_ptrace,+sys_resource,+audit_write,+setfcap \
  -- /bin/bash /run/bake/agent/init.sh
