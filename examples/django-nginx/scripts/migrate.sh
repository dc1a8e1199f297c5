#!/usr/bin/env bash
# Hook beforeRollout: brings the schema of the managed database up to date while the old release serves. Migrations therefore only add:
# what the old release reads and writes stays, and going back needs no migration. Needs DB_HOST, DB_PASSWORD and SECRET_KEY.
set -euo pipefail
cd "$(dirname "$0")/../site"

: "${DB_HOST:?the managed database}" "${DB_PASSWORD:?its password}" "${SECRET_KEY:?any text}"
python3 manage.py migrate --plan
python3 manage.py migrate --no-input
