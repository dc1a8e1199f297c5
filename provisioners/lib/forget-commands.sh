# shellcheck shell=bash
# Sourced by clean-up and forget: what the cloud's command service leaves on the disk.

# The SSM agent keeps documents with their parameters, and scripts. The newest script belongs to this very command.
forget_commands() {
  local orchestration
  rm -rf /var/lib/amazon/ssm/*/document/state/completed/*
  for orchestration in /var/lib/amazon/ssm/*/document/orchestration; do
    if [ ! -d "$orchestration" ]; then continue; fi
    find "$orchestration" -mindepth 1 -maxdepth 1 -printf '%T@ %p\n' | sort -rn | tail -n +2 | cut -d' ' -f2- |
      while IFS= read -r command; do rm -rf "$command"; done
  done
}
