import type { Application, Places } from '../application.ts';
import { healthPath, receivesMessages, type Sources, variablesIn } from '../sources.ts';

/** Ruby on Rails, served by Puma. */
export function rails(sources: Sources): Application | undefined {
  if (!/^\s*gem\s+['"]rail(s|ties)['"]/m.test(sources.read('Gemfile')) || !sources.has('config.ru'))
    return undefined;
  const text = sources.text();
  const routes = sources.read('config/routes.rb');
  const environment = ({ home }: Places) => ({
    RAILS_ENV: 'production',
    RAILS_LOG_TO_STDOUT: '1',
    BUNDLE_GEMFILE: `${home}/Gemfile`,
    BUNDLE_APP_CONFIG: `${home}/.bundle`,
  });
  const rails = (places: Places, command: string) =>
    `env ${Object.entries({ ...environment(places), SECRET_KEY_BASE: 'build' })
      .map((pair) => pair.join('='))
      .join(' ')} bundle exec rails ${command}`;
  return {
    kind: 'rails',
    because: 'Gemfile and config.ru',
    command: () =>
      '/usr/bin/env bundle exec puma --environment production --bind tcp://${HOST}:${PORT} config.ru',
    web: true,
    queue: receivesMessages(text) && /shoryuken/i.test(sources.read('Gemfile')),
    port: 3000,
    health: /rails\/health#show/.test(routes) ? '/up' : healthPath(routes),
    dependencies: 'Gemfile',
    locks: ['Gemfile.lock', '.ruby-version'].filter(sources.has),
    variables: variablesIn(text),
    environment,
    prepare: (places) => [
      // The source belongs to root; Rails writes below these.
      `rm -rf tmp log && ln -s ${places.state} tmp && ln -s ${places.state} log`,
      ...(sources.has('app/assets') ? [rails(places, 'assets:precompile')] : []),
    ],
    checks: (places, account) => [
      `cd ${places.app} && runuser -u ${account} -- ${rails(places, 'runner true')}`,
    ],
    ignore: ['log', 'tmp', 'spec', 'test', 'node_modules', 'vendor/bundle', 'config/master.key', '*.sqlite3'],
    notes: [
      ...(sources.has('Gemfile.lock') ? [] : ['There is no Gemfile.lock: run `bundle lock` and commit it.']),
      'The service needs SECRET_KEY_BASE (or RAILS_MASTER_KEY): let user data fetch it at boot, see deploy/user-data.sh.',
      'Migrations run once for all, before a rollout: name a script under hooks.beforeRollout (bake.yaml).',
    ],
  };
}
