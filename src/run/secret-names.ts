/** Names under which secrets commonly go: `DB_PASSWORD`, `api-key`, `GITHUB_TOKEN`. A path to a secret is one too: it costs nothing to hide it. */
const SECRET = /passw(or)?d|passphrase|secret|token|credential|(api|access|private|signing)[-_]?key/i;

/** Whether a variable of this name likely holds a secret. */
export const isSecretName = (name: string): boolean => SECRET.test(name);

/** Shorter values are words ("true", "none") more often than secrets. */
const SHORTEST = 8;

/** The values of an environment that likely are secrets. */
export const secretValues = (environment: Record<string, string | undefined>): string[] =>
  Object.entries(environment).flatMap(([name, value]) =>
    isSecretName(name) && value !== undefined && value.length >= SHORTEST ? [value] : [],
  );
