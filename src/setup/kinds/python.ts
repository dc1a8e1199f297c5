import type { Application, Places } from '../application.ts';
import { healthPath, portIn, receivesMessages, type Sources, variablesIn } from '../sources.ts';

const ENTRIES = ['worker.py', 'main.py', 'app.py', 'server.py', 'consumer.py', 'run.py', '__main__.py'];
export const PYTHON_IGNORE = ['__pycache__', '.venv', 'venv', 'tests'];

/** A Python program: a worker, or a web application of FastAPI, Starlette, Flask or its own. */
export function python(sources: Sources): Application | undefined {
  const entry = entryOf(sources);
  if (entry === undefined) return undefined;
  const text = sources.text();
  const { requirements, dependencies, listed } = pythonDependencies(sources);
  const server = serverOf(sources, listed);
  const web = server !== undefined || /http\.server|socketserver|tornado|aiohttp\.web|bottle/.test(text);
  const start = entry.module === undefined ? entry.file : `-m ${entry.module}`;
  return {
    kind: 'python',
    because: entry.file,
    command: ({ venv }) => `${venv}/bin/python ${server?.arguments ?? start}`,
    web,
    queue: receivesMessages(text),
    port: portIn(text) ?? 8000,
    health: healthPath(text),
    dependencies,
    locks: [],
    requirements,
    variables: variablesIn(text),
    prepare: () => [],
    checks: (places, account) => [importCheck(sources.read(entry.file), places, account)],
    ignore: PYTHON_IGNORE,
    notes:
      server === undefined || listed.includes(server.needs)
        ? []
        : [`The service runs ${server.needs}: add it to ${dependencies ?? 'requirements.txt'}.`],
  };
}

function entryOf(sources: Sources): { file: string; module?: string } | undefined {
  const files = sources.files().filter((file) => file.endsWith('.py'));
  const named = ENTRIES.find((name) => files.includes(name));
  if (named) return { file: named };
  const inside = files.find((file) => /^[^/]+\/__main__\.py$/.test(file));
  if (inside) return { file: inside, module: inside.split('/')[0] as string };
  const top = files.filter((file) => !file.includes('/'));
  const started = top.filter((file) => /__name__\s*==\s*['"]__main__['"]/.test(sources.read(file)));
  const only = started.length === 1 ? started[0] : top.length === 1 ? top[0] : undefined;
  return only === undefined ? undefined : { file: only };
}

/** What serves an ASGI or WSGI application: its arguments of `python`, and the package that it needs. */
function serverOf(sources: Sources, listed: string[]): { arguments: string; needs: string } | undefined {
  const found = sources.find(/^(\w+)\s*(?::[^=\n]+)?=\s*(FastAPI|Starlette|Flask|Quart)\(/m);
  if (!found) return undefined;
  const module = found.file
    .replace(/\.py$/, '')
    .replaceAll('/', '.')
    .replace(/\.__init__$/, '');
  const target = `${module}:${found.match[1]}`;
  if (found.match[2] !== 'Flask' || listed.includes('uvicorn'))
    return { arguments: `-m uvicorn ${target} --host \${HOST} --port \${PORT}`, needs: 'uvicorn' };
  return { arguments: `-m gunicorn --bind \${HOST}:\${PORT} --workers 2 ${target}`, needs: 'gunicorn' };
}

/** What can be installed from, and the names in it. Of pyproject.toml alone a requirements file is made. */
export function pythonDependencies(sources: Sources): {
  dependencies?: string;
  requirements?: string;
  listed: string[];
} {
  const names = (text: string) =>
    text.split('\n').flatMap((line) => /^\s*([A-Za-z0-9][\w.-]*)/.exec(line)?.[1]?.toLowerCase() ?? []);
  const given = ['requirements.txt', 'requirements/production.txt', 'requirements/base.txt'].find(
    sources.has,
  );
  if (given) return { dependencies: given, listed: names(sources.read(given)) };
  const project = /^dependencies\s*=\s*\[([\s\S]*?)\]\s*$/m.exec(sources.read('pyproject.toml'))?.[1];
  const lines = [...(project ?? '').matchAll(/"([^"]+)"|'([^']+)'/g)].map(
    (match) => match[1] ?? match[2] ?? '',
  );
  if (lines.length === 0) return { listed: [] };
  const requirements = `${lines.join('\n')}\n`;
  return { requirements, listed: names(requirements) };
}

/** What the first file imports is there: a package that was forgotten shows before the image is a release. */
function importCheck(text: string, { app, venv }: Places, account: string): string {
  const imports = [...text.matchAll(/^(?:import|from)\s+([A-Za-z_]\w*)/gm)].map(([, name]) => name as string);
  const modules = [...new Set(imports.filter((name) => name !== '__future__'))];
  const statement = modules.length === 0 ? 'pass' : `import ${modules.join(', ')}`;
  return `cd ${app} && runuser -u ${account} -- env PYTHONDONTWRITEBYTECODE=1 ${venv}/bin/python -c '${statement}'`;
}
