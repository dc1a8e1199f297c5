#!/bin/bash
# PID 1 of an instance. Reaps what is orphaned (bash does, while it waits) and runs the agent; the instance ends with it.
# The agent's exit code 3 asks for a reboot: everything is killed, and the agent starts anew.
export BAKE_READY=3
while :; do
  /run/bake/bin/node /run/bake/agent/main.js &
  exec 3>&-
  unset BAKE_READY
  wait $!
  code=$?
  kill -KILL -1
  ((code == 3)) || exit 0
done
