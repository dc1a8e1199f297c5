import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { temporaryDirectory } from './cli.ts';

/** Applications as small as they can be, a file each by its path. */
export const SMALL = {
  /** Takes messages and says what it did. */
  python: {
    'worker.py': `"""Counts the words of texts that come as messages."""
import json
import os
import signal

import boto3

sqs = boto3.client("sqs", endpoint_url=os.environ.get("AWS_ENDPOINT_URL"))
queue = sqs.get_queue_url(QueueName=os.environ["QUEUE_NAME"])["QueueUrl"]
stopping = []
signal.signal(signal.SIGTERM, lambda *_: stopping.append(True))

while not stopping:
    answer = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=1)
    for message in answer.get("Messages", []):
        job = json.loads(message["Body"])
        print(f"job {job['job']}: {len(job.get('text', '').split())} words", flush=True)
        sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
`,
    'requirements.txt': 'boto3\n',
  },
  /** Listens on every address, as most do. */
  node: {
    'package.json':
      '{ "name": "web", "version": "1.0.0", "type": "module", "scripts": { "start": "node server.js" } }\n',
    'server.js': `import { createServer } from 'node:http';

createServer((request, response) => {
  if (request.url === '/health') return response.end('well');
  console.log(request.method, request.url);
  response.end(\`hello from \${process.env.GREETER ?? 'nobody'}\`);
}).listen(process.env.PORT ?? 3000);
`,
  },
  /** Answers one name only, and has static files. */
  django: {
    'manage.py': `import os
import sys

from django.core.management import execute_from_command_line

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
execute_from_command_line(sys.argv)
`,
    'requirements.txt': 'django\ngunicorn\n',
    'shop/__init__.py': '',
    'shop/settings.py': `import os
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent
SECRET_KEY = os.environ.get("SECRET_KEY", "for development only")
ALLOWED_HOSTS = ["shop.example.com"]
ROOT_URLCONF = "shop.urls"
WSGI_APPLICATION = "shop.wsgi.application"
INSTALLED_APPS = ["django.contrib.staticfiles"]
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "static"
`,
    'shop/urls.py': `from django.http import HttpResponse
from django.urls import path

urlpatterns = [path("health", lambda request: HttpResponse("well"))]
`,
    'shop/wsgi.py': `import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
application = get_wsgi_application()
`,
  },
  /** `bundle lock` pins its gems to those of the machine. */
  rails: {
    Gemfile: 'source "https://rubygems.org"\ngem "railties"\ngem "puma"\n',
    'config.ru': 'require_relative "config/environment"\nrun Rails.application\n',
    'config/application.rb': `require "rails"
require "action_controller/railtie"

class Board < Rails::Application
  config.eager_load = true
  config.hosts.clear
  config.secret_key_base = ENV.fetch("SECRET_KEY_BASE", "for development only")
end
`,
    'config/environment.rb': 'require_relative "application"\nRails.application.initialize!\n',
    'config/routes.rb': `Rails.application.routes.draw do
  get "/health", to: proc { [200, { "Content-Type" => "text/plain" }, ["well"]] }
end
`,
    'bin/rails': `#!/usr/bin/env ruby
APP_PATH = File.expand_path("../config/application", __dir__)
require "rails/commands"
`,
  },
  docker: { Dockerfile: 'FROM node:22\nCOPY . /app\nEXPOSE 8080\nCMD ["node", "/app/server.js"]\n' },
  fastapi: {
    'pyproject.toml':
      '[project]\nname = "api"\ndependencies = [\n  "fastapi>=0.100",\n  "uvicorn[standard]",\n]\n',
    'api/__init__.py': '',
    'api/main.py':
      'import os\nfrom fastapi import FastAPI\n\napi = FastAPI()\nregion = os.getenv("TABLE_NAME")\n\n\n@api.get("/healthz")\ndef well():\n    return {}\n',
    'main.py': 'from api.main import api\n',
  },
} satisfies Record<string, Record<string, string>>;

/** One of them in a directory of its own, whose name becomes the project's. */
export function smallApplication(name: keyof typeof SMALL, directoryName: string = name): string {
  const directory = join(temporaryDirectory('small'), directoryName);
  for (const [path, text] of Object.entries(SMALL[name])) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  }
  return directory;
}
