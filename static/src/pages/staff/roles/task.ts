import type { MemberRow, Role } from '@/api'

/** What is being done about a role; `person` is null until somebody is picked. */
export interface Task {
  kind: 'give' | 'take'
  role: Role
  person: MemberRow | null
}
