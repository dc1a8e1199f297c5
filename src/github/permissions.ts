/** The permission of a token that a call needs, by the part of GitHub that it is about. */
const PERMISSIONS: [part: RegExp, permission: string][] = [
  [/\/deployments/, 'deployments'],
  [/\/statuses/, 'statuses'],
  [/\/pulls\/\{pull_number\}\/merge/, 'contents'],
  [/\/pulls/, 'pull-requests'],
  // bake comments on pull requests alone.
  [/\/issues/, 'pull-requests'],
  [/\/actions/, 'actions'],
  [/\/(git|compare|branches|commits|contents)\b/, 'contents'],
];

/** The line of a workflow's `permissions:` that allows a call; undefined where every token may make it. */
export function permissionFor(route: string): string | undefined {
  const [method = '', path = ''] = route.split(' ');
  const permission = PERMISSIONS.find(([part]) => part.test(path))?.[1];
  return permission && `${permission}: ${method === 'GET' ? 'read' : 'write'}`;
}
