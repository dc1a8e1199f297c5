import { readFileSync } from 'node:fs';

interface Policy {
  Statement: { Action: string | string[] }[];
}

/** Which of the policies that come with bake, for building and for rolling out, grant an action. Throws the errors of `node:fs`. */
export const shippedPoliciesWith = (language: 'iam' | 'ram', action: string): string[] =>
  [`policies/${language}/builder.json`, `policies/${language}/deployer.json`].filter((file) => {
    const text = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
    const { Statement }: Policy = JSON.parse(text);
    return Statement.some((statement) => [statement.Action].flat().includes(action));
  });

/** Where a refused action is granted, for a hint: `: policies/iam/builder.json grants it`. */
export const grantedIn = (files: string[]): string =>
  files.length === 0 ? '' : `: ${files.join(' and ')} ${files.length === 1 ? 'grants' : 'grant'} it`;
