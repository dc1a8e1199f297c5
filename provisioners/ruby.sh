#!/usr/bin/env bash
# bake:ruby: Ruby, and the gems of an application that was uploaded before.
#   RUBY            version, such as 3.2 (Amazon Linux; elsewhere the distribution has one only). Default: 3.2
#   DIRECTORY       directory with Gemfile and Gemfile.lock: its gems are installed into vendor/bundle there. Default: none
#   SYSTEM_GEMS     yes: gems of the distribution count as installed, and others go beside them. Default: no
#   BUILD_PACKAGES  system packages needed to compile only: removed afterwards if they were not there before
# The gems belong to root: the application reads them and cannot change them.
set -euo pipefail
# shellcheck source=provisioners/lib/packages.sh
source "$(dirname "$0")/lib/packages.sh"

directory=${DIRECTORY:-}
read -ra build_packages <<<"${BUILD_PACKAGES:-}"
for file in Gemfile Gemfile.lock; do
  if [ -n "$directory" ] && [ ! -f "$directory/$file" ]; then fail "DIRECTORY is $directory: there is no $file; upload it before"; fi
done

case $DISTRIBUTION in
amazon) install_packages "ruby${RUBY:-3.2}" "ruby${RUBY:-3.2}-rubygem-bundler" ;;
debian) install_packages ruby ruby-bundler ;;
*) install_packages ruby rubygem-bundler ;;
esac

if [ -n "$directory" ]; then
  cd "$directory"
  export BUNDLE_APP_CONFIG="$directory/.bundle"
  wanted=$(cat Gemfile Gemfile.lock | sha256sum)
  if [ "$(cat .bundle/installed.sha256 2>/dev/null)" != "$wanted" ]; then
    mkdir -p .bundle
    bundle config set --local without development:test
    if [ "${SYSTEM_GEMS:-no}" = yes ]; then
      bundle install --local --quiet 2>/dev/null || bundle install --quiet
    else
      mapfile -t temporary < <(packages_missing "${build_packages[@]}")
      install_packages "${build_packages[@]}"
      bundle config set --local deployment true
      bundle install --quiet
      rm -rf vendor/bundle/ruby/*/cache
      remove_packages "${temporary[@]}"
    fi
    printf '%s\n' "$wanted" >.bundle/installed.sha256
  fi
fi
echo "$(ruby --version)${directory:+, gems of $directory}"
