# shellcheck shell=bash
# Sourced by verify, and told to the base image before the first provisioner: tools that serve to develop, not to run.

DEVELOPMENT_TOOLS=(
  git svn hg
  gcc g++ cc c++ clang clang++ rustc cargo go javac make cmake ninja meson
  gdb lldb valgrind
  pytest py.test tox nox nose2 jest mocha vitest rspec phpunit
  vim nano emacs joe micro
)

# Names of those that are on the PATH, a line each.
development_tools() {
  local tool
  for tool in "${DEVELOPMENT_TOOLS[@]}"; do
    if type -P "$tool" >/dev/null; then printf '%s\n' "$tool"; fi
  done
}
