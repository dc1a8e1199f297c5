import type { Application } from '../application.ts';
import { healthPath, receivesMessages, type Sources, variablesIn } from '../sources.ts';
import { PYTHON_IGNORE, pythonDependencies } from './python.ts';

/** A Django site, served by gunicorn. */
export function django(sources: Sources): Application | undefined {
  if (!sources.has('manage.py')) return undefined;
  const wsgi = sources.files().find((file) => /^[^/]+\/wsgi\.py$/.test(file));
  if (wsgi === undefined) return undefined;
  const module = wsgi.split('/')[0] as string;
  const text = sources.text();
  const host = hostOf(text);
  const { requirements, dependencies, listed } = pythonDependencies(sources);
  const migrations = /DATABASES\s*=/.test(text)
    ? ['Migrations run once for all, before a rollout: name a script under hooks.beforeRollout (bake.yaml).']
    : [];
  const lacking = listed.includes('gunicorn')
    ? []
    : [`The service runs gunicorn: add it to ${dependencies ?? 'requirements.txt'}.`];
  const manage = ({ venv }: { venv: string }, command: string) =>
    `env SECRET_KEY=build PYTHONDONTWRITEBYTECODE=1 ${venv}/bin/python manage.py ${command}`;
  return {
    kind: 'django',
    because: `manage.py and ${wsgi}`,
    command: ({ venv, home }) =>
      `${venv}/bin/python -m gunicorn --bind \${HOST}:\${PORT} --workers 2 --graceful-timeout 30 --access-logfile - ${host === undefined ? `${module}.wsgi` : `--pythonpath ${home} entry`}`,
    web: true,
    queue: receivesMessages(text),
    port: 8000,
    health: healthPath(text),
    extra: (health): Record<string, string> =>
      host === undefined ? {} : { 'entry.py': entryOf(module, health, host) },
    dependencies,
    locks: [],
    requirements,
    variables: variablesIn(text),
    prepare: (places) =>
      /^STATIC_ROOT\s*=/m.test(text) ? [manage(places, 'collectstatic --no-input --verbosity 0')] : [],
    checks: (places, account) => [`cd ${places.app} && runuser -u ${account} -- ${manage(places, 'check')}`],
    ignore: [...PYTHON_IGNORE, '*.sqlite3'],
    notes: [...lacking, ...migrations],
  };
}

/** A load balancer asks by the address of the instance, which Django takes for a stranger's name. */
const entryOf = (
  module: string,
  health: string,
  host: string,
) => `"""The site as gunicorn serves it. Load balancers and smoke tests ask ${health} by the address of the instance, which ALLOWED_HOSTS does not
name: such a request is taken for one to ${host}. Requests for anything else are Django's to judge."""
import re

from ${module}.wsgi import application as site

ADDRESS = re.compile(r"^[0-9.]+(:[0-9]+)?$")


def application(environ, start_response):
    if environ["PATH_INFO"] == "${health}" and ADDRESS.match(environ.get("HTTP_HOST", "")):
        environ["HTTP_HOST"] = "${host}"
    return site(environ, start_response)
`;

/** Django refuses requests for other hosts. With DEBUG and an empty list it answers localhost only. */
function hostOf(settings: string): string | undefined {
  const allowed = /^ALLOWED_HOSTS\s*=\s*\[([^\]]*)\]/m.exec(settings)?.[1];
  if (allowed === undefined) return undefined;
  const hosts = [...allowed.matchAll(/['"]\.?([^'"]+)['"]/g)].map(([, host]) => host as string);
  if (hosts.includes('*')) return undefined;
  return hosts[0] ?? 'localhost';
}
