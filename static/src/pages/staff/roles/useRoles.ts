/**
 * Who holds which role. Everybody is kept once, so that a change shows under every role. Roles are set as a whole, so the person's
 * present ones are asked for right before: what somebody else has just given is not taken away by accident.
 */
import { computed } from 'vue'
import type { Api, GrantedRow, MemberRow, Role } from '@/api'
import { useResource } from '@/composables/useResource'
import { useContext } from '@/core/context'
import { ROLE_NAMES, ROLES } from '@/core/roles'
import type { Undo } from '../parts/useUndo'

const PAGE = 200
/** Whoever issued a code may have kept it; with new roles behind it, only an administrator's code stays good. */
export const CODE_VOID = '此前发出的激活码已作废，请到名册重新生成'
const AT_ONCE = 4

export function useRoles(undo: Undo) {
  const { api, session } = useContext()
  const resource = useResource(() => holders(api))
  const byRole = computed(() => {
    const people = [...(resource.data.value?.values() ?? [])].sort((a, b) => a.name.localeCompare(b.name, 'zh-CN'))
    return new Map(ROLES.map((role) => [role, people.filter((person) => person.roles.includes(role))]))
  })

  async function set(person: MemberRow, role: Role, held: boolean): Promise<GrantedRow> {
    const present = await rolesNow(api, person)
    const others = present.filter((each) => each !== role)
    const answer = await api.setRoles(person.id, held ? [...others, role] : others)
    resource.data.value = new Map(resource.data.value).set(person.id, answer)
    // One's own roles decide what the pages offer.
    if (person.id === session.member.value?.id) await session.reload()
    return answer
  }

  async function change(person: MemberRow, role: Role, held: boolean): Promise<void> {
    const answer = await set(person, role, held)
    const words = held ? `已授予${person.name}${ROLE_NAMES[role]}` : `已收回${person.name}的${ROLE_NAMES[role]}`
    undo.say(answer.code_void ? `${words}。${CODE_VOID}` : words, session.has('administrator') ? () => set(person, role, !held) : null)
  }

  return { ...resource, byRole, give: (person: MemberRow, role: Role) => change(person, role, true), take: (person: MemberRow, role: Role) => change(person, role, false) }
}

async function rolesNow(api: Api, person: MemberRow): Promise<Role[]> {
  const found = await api.members({ q: person.mobile, limit: 5 })
  return (found.items.find((each) => each.id === person.id) ?? person).roles
}

/** Everybody with a role. There is no list of them, so each role is asked for, a few at a time. */
async function holders(api: Api): Promise<Map<string, MemberRow>> {
  const people = new Map<string, MemberRow>()
  const waiting = [...ROLES]
  async function work(): Promise<void> {
    for (let role = waiting.shift(); role !== undefined; role = waiting.shift()) {
      let after: string | undefined
      do {
        const page = await api.members({ role, limit: PAGE, ...(after === undefined ? {} : { after }) })
        for (const person of page.items) people.set(person.id, person)
        after = page.next ?? undefined
      } while (after !== undefined)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return people
}
