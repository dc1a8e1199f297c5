# shellcheck shell=bash
# Sourced by clean-up and verify: where container images lie. What is in them is their makers' business, and not to be touched.

# Tests of find.
# shellcheck disable=SC2034
CONTAINERS=(-path /var/lib/docker -o -path /var/lib/containerd -o -path /var/lib/containers)
