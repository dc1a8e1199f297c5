import type { Application } from '../application.ts';
import { healthPath, type Sources, variablesIn } from '../sources.ts';

/** Anything with a Dockerfile: the container's image is built on the builder and is part of the machine image. */
export function docker(sources: Sources): Application | undefined {
  if (!sources.has('Dockerfile')) return undefined;
  const file = sources.read('Dockerfile');
  const exposed = Number(/^EXPOSE\s+(\d+)/m.exec(file)?.[1]);
  const text = sources.text();
  const health = /HEALTHCHECK[\s\S]*?https?:\/\/[^/\s]+(\/[\w/-]*)/.exec(file)?.[1];
  return {
    kind: 'docker',
    because: 'Dockerfile',
    command: ({ app }) =>
      `/usr/bin/docker run --rm --name application --network host --env-file ${app}/../container.env application:release`,
    web: exposed > 0,
    queue: false,
    port: exposed || 8080,
    health: health ?? healthPath(text),
    dependencies: 'Dockerfile',
    locks: [],
    variables: variablesIn(text),
    prepare: () => [],
    checks: () => ['docker image inspect application:release >/dev/null'],
    ignore: ['node_modules', '.venv', '__pycache__'],
    notes: [],
  };
}
