/** What follows from giving and taking a role, in a sentence each. */
import type { Role } from '@/api'
import { ROLE_DUTIES, ROLE_NAMES } from '@/core/roles'

interface Words {
  given: (name: string) => string
  taken: (name: string) => string
}

const SPECIAL: Partial<Record<Role, Words>> = {
  administrator: {
    given: (name) => `${name}将可以修改系统设置、管理所有人的账号，并授予或收回任何角色。`,
    taken: (name) => `${name}将不能再修改系统设置，也不能授予和收回角色。`,
  },
  affairs_staff: {
    given: (name) => `${name}将可以查看和维护整份名册，包括所有人的手机号。`,
    taken: (name) => `${name}将不能再打开名册。`,
  },
  red_host: {
    given: (name) => `${name}将可以新建直播并开播。请确认已经完成实名登记。`,
    taken: (name) => `${name}将不能再新建直播和开播。`,
  },
  moderator: {
    given: (name) => `${name}将可以审核评论，并可以断流：立即停止正在进行的直播。`,
    taken: (name) => `${name}将不能再审核评论和断流。`,
  },
  committee_secretary: {
    given: (name) => `${name}将以党委书记身份出现，并可以断流：立即停止正在进行的直播。`,
    taken: (name) => `${name}将不再是党委书记，也不能再断流。`,
  },
}

export function givenWords(role: Role, name: string): string {
  return SPECIAL[role]?.given(name) ?? `${name}将成为${ROLE_NAMES[role]}：${ROLE_DUTIES[role]}。`
}

export function takenWords(role: Role, name: string, self: boolean): string {
  if (role === 'administrator' && self) return '您将立即失去管理员权限，不能再授予和收回角色，也不能自己恢复。'
  return SPECIAL[role]?.taken(name) ?? `${name}将不再是${ROLE_NAMES[role]}，相应的权限立即失效。`
}
