/** Roles and power levels. Pure. */

export const OWNER = 100;
export const ADMIN = 75;
export const MODERATOR = 50;
export const MEMBER = 0;

export type Role = "owner" | "admin" | "moderator" | "member";
export const ROLES: readonly Role[] = ["owner", "admin", "moderator", "member"];
const LEVELS: Record<Role, number> = {
  owner: OWNER,
  admin: ADMIN,
  moderator: MODERATOR,
  member: MEMBER,
};
const POWER_LEVELS = "m.room.power_levels";

/** The content of `m.room.power_levels`; what is missing has the specification's default. */
export interface Levels {
  users?: Record<string, number>;
  users_default?: number;
  events?: Record<string, number>;
  state_default?: number;
  ban?: number;
  kick?: number;
  redact?: number;
  invite?: number;
}

export function roleOf(level: number): Role {
  return ROLES.find((role) => level >= LEVELS[role]) ?? "member";
}

export function neededToSet(levels: Levels, type: string): number {
  return levels.events?.[type] ?? levels.state_default ?? MODERATOR;
}

/** Whether one may do something to another: only to who stands lower. */
export function mayAct(own: number, other: number, needed: number): boolean {
  return own >= needed && own > other;
}

/** The roles that one may give another: up to one's own, and only to who stands lower. */
export function rolesToGive(own: number, other: number, levels: Levels): Role[] {
  if (!mayAct(own, other, neededToSet(levels, POWER_LEVELS))) return [];
  return ROLES.filter((role) => LEVELS[role] <= own);
}

/**
 * The levels after somebody got a role.
 *
 * Admins choose moderators: with the first of them, who may change levels begins with admins.
 */
export function withRole(levels: Levels, userId: string, role: Role): Levels {
  const others = Object.entries(levels.users ?? {}).filter(([id]) => id !== userId);
  const isPlain = LEVELS[role] === (levels.users_default ?? MEMBER);
  const users = Object.fromEntries(isPlain ? others : [...others, [userId, LEVELS[role]]]);
  const changed = { ...levels, users };
  if (role !== "admin") return changed;
  const needed = Math.min(neededToSet(levels, POWER_LEVELS), ADMIN);
  return { ...changed, events: { ...levels.events, [POWER_LEVELS]: needed } };
}
