import { readFileSync } from 'node:fs';

interface Policy {
  Statement: { Action: string | string[] }[];
}

/** The policies that come with bake: for building and for rolling out. */
const FILES = ['policies/iam/builder.json', 'policies/iam/deployer.json'];

/** Which shipped policy files grant an IAM action, such as `ec2:RunInstances`. Throws the errors of `node:fs`. */
export const policyFilesFor = (action: string): string[] =>
  FILES.filter((file) => {
    const text = readFileSync(new URL(`../../../${file}`, import.meta.url), 'utf8');
    const { Statement }: Policy = JSON.parse(text);
    return Statement.some((statement) => [statement.Action].flat().includes(action));
  });
