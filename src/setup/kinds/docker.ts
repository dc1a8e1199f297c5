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
    command: ({ environment }) =>
      `/usr/bin/docker run --rm --name application --network host --env-file ${environment} application:release`,
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
    notes: [
      'No container runs in an instance of the local cloud: environment `local` puts a service in its place that only answers, so that everything around it is rehearsed.',
    ],
  };
}
