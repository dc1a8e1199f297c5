/** What opens something real, or tells somebody: a rehearsal must have none of it. */
const KEPT_BACK =
  /^(AWS_(?!SDK_)|ALIBABA_CLOUD_|ALICLOUD_|GITHUB_|ACTIONS_|SLACK_|CI$|GH_TOKEN$|SSH_AUTH_SOCK$)/;

/**
 * The environment of everything that is started in a rehearsal, as changes to this process's own: no credentials, no tokens, no files
 * of a CI's job. What bake.yaml refers to (`${env.NAME}`) gets a word in its place. Pure.
 */
export function rehearsalEnvironment(
  own: Record<string, string | undefined>,
  bakeYaml: string,
): Record<string, string | undefined> {
  const withheld = Object.keys(own).filter((name) => KEPT_BACK.test(name));
  const replaced = withheld.map((name) => [
    name,
    bakeYaml.includes(`\${env.${name}`) ? 'rehearsal' : undefined,
  ]);
  return {
    ...Object.fromEntries(replaced),
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_EC2_METADATA_DISABLED: 'true',
    NO_COLOR: '1',
  };
}
