#!/bin/sh
set -eu
test -e /opt/dependencies/installed
chmod 755 /opt/worker/worker.sh
/opt/worker/worker.sh >/etc/application
