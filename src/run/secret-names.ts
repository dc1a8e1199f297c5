/** Names under which secrets commonly go: `DB_PASSWORD`, `api-key`, `GITHUB_TOKEN`. A path to a secret is one too: it costs nothing to hide it. */
const SECRET = /passw(or)?d|passphrase|secret|token|credential|(api|access|private|signing)[-_]?key/i;

/** Whether a variable of this name likely holds a secret. */
export const isSecretName = (name: string): boolean => SECRET.test(name);

/** What bake itself is let in by, where a team works: it tells nobody. */
const TOKENS = [
  'GITHUB_TOKEN',
  'SLACK_WEBHOOK_URL',
  'SLACK_BOT_TOKEN',
  'SLACK_APP_TOKEN',
  'SLACK_SIGNING_SECRET',
];

/** The values of bake's own tokens in an environment. */
export const ownTokens = (environment: Record<string, string | undefined>): string[] =>
  TOKENS.flatMap((name) => environment[name] || []);

/** Shorter values are words ("true", "none") more often than secrets. */
const SHORTEST = 8;

/** The values of an environment that likely are secrets. */
export const secretValues = (environment: Record<string, string | undefined>): string[] =>
  Object.entries(environment).flatMap(([name, value]) =>
    isSecretName(name) && value !== undefined && value.length >= SHORTEST ? [value] : [],
  );
