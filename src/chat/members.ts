import type { Project } from '../config/schema.ts';

/** A member as Slack's `users.info` tells of one, as far as it matters here. */
export interface Member {
  deleted?: boolean;
  is_bot?: boolean;
  is_restricted?: boolean;
  is_ultra_restricted?: boolean;
  team_id?: string;
  enterprise_user?: { teams?: string[] };
}

/**
 * Whether somebody may change the project's environment by chat: by its list, else by the list for `*`, else everybody of the
 * workspace. A channel may be shared with other companies, whose people are no members; nor are guests. `memberOf` looks somebody up.
 */
export async function mayChange(
  user: string,
  { config, environment }: Project,
  team: string | undefined,
  memberOf: (user: string) => Promise<Member | undefined>,
): Promise<boolean> {
  const { allow } = config.chat;
  const list = allow[environment] ?? allow['*'];
  if (list) return list.includes(user);
  const member = await memberOf(user);
  if (!member || member.deleted || member.is_bot || member.is_restricted || member.is_ultra_restricted)
    return false;
  const teams = [member.team_id, ...(member.enterprise_user?.teams ?? [])];
  return team !== undefined && teams.includes(team);
}
