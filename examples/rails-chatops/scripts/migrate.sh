#!/usr/bin/env bash
# Hook beforeRollout: brings the schema of the database up to date while the old release serves. Migrations therefore only add: what
# the old release reads and writes stays, and going back needs no migration. Needs DATABASE_URL.
set -euo pipefail
cd "$(dirname "$0")/../board"

: "${DATABASE_URL:?the database}"
export RAILS_ENV=production SECRET_KEY_BASE=migration
ruby bin/rails db:migrate:status
ruby bin/rails db:migrate
