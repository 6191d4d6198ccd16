/** What the pages may offer. The server decides all the same; this only spares people a refusal. */
import type { MemberRow, Role } from '@/api'

/**
 * Whether what signs somebody in (mobile, code, sessions, disabling) may be touched. With a new mobile and a fresh code one could
 * enter as that member, so only administrators may do it to people who hold a role the actor does not hold.
 */
export function mayActOnAccount(actor: readonly Role[], target: Pick<MemberRow, 'roles'>): boolean {
  return actor.includes('administrator') || target.roles.every((role) => actor.includes(role))
}
