/** The filter of the roster as it stands in the address, so that a link or the back key brings it back. */
import type { MemberFilter } from '@/api'
import { MEMBER_STATE_NAMES, ROLE_NAMES, STATUS_NAMES } from '@/core/roles'

export type Filter = Required<MemberFilter>

export const NO_FILTER: Readonly<Filter> = { q: '', branch: '', status: '', role: '', state: '' }
const Q_MOST = 40

/** From a query string: what is no known value is left out, so the server is not asked for nonsense. */
export function filterFrom(query: Readonly<Record<string, unknown>>): Filter {
  const text = (name: string) => (typeof query[name] === 'string' ? query[name] : '')
  const known = (name: string, names: object) => (Object.keys(names).includes(text(name)) ? text(name) : '')
  return {
    q: text('q').slice(0, Q_MOST),
    branch: /^[0-9a-f-]{36}$/.test(text('branch')) ? text('branch') : '',
    status: known('status', STATUS_NAMES),
    role: known('role', ROLE_NAMES),
    state: known('state', MEMBER_STATE_NAMES),
  }
}

/** Only what is set. */
export function queryOf(filter: Filter): Record<string, string> {
  return Object.fromEntries(
    Object.entries(filter)
      .map(([name, value]) => [name, value.trim()] as const)
      .filter(([, value]) => value !== ''),
  )
}

export function sameFilter(one: Filter, other: Filter): boolean {
  return JSON.stringify(queryOf(one)) === JSON.stringify(queryOf(other))
}
