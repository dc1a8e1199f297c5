#!/usr/bin/env bash
# bake:nginx: Nginx, started at boot.
#   SITE       path in the image of the site's configuration, uploaded before. It takes the place of the default site
#   SITE_NAME  its name in /etc/nginx/conf.d. Default: site
set -euo pipefail
# shellcheck source=provisioners/lib/packages.sh
source "$(dirname "$0")/lib/packages.sh"

install_packages nginx
if [ -n "${SITE:-}" ]; then
  if [ ! -f "$SITE" ]; then fail "SITE is $SITE: there is no such file in the image; upload it before"; fi
  put_file "$SITE" "/etc/nginx/conf.d/${SITE_NAME:-site}.conf" || true
  rm -f /etc/nginx/sites-enabled/default
fi
nginx -t -q
systemctl enable --quiet nginx.service
echo "Nginx is installed${SITE:+, with $SITE}"
