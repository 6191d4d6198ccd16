/** The filter of the roster as it stands in the address, so that a link or the back key brings it back. */
import type { MemberFilter } from '@/api'
import { MEMBER_STATE_NAMES, ROLE_NAMES, STATUS_NAMES } from '@/core/roles'

export type Filter = Required<MemberFilter>

export const NO_FILTER: Readonly<Filter> = { q: '', branch: '', status: '', role: '', state: '', sort: '' }
const Q_MOST = 40

/** What the headings sort by; the address and the server know them by these names. */
export const SORTS: Readonly<Record<string, string>> = {
  name: '姓名 A–Z',
  '-name': '姓名 Z–A',
  branch: '支部 A–Z',
  '-branch': '支部 Z–A',
  '-last_sign_in': '最近登录在前',
  last_sign_in: '久未登录在前',
}

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
    sort: known('sort', SORTS),
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

/** Sorting hides nobody. */
export function narrows(filter: Filter): boolean {
  return Object.keys(queryOf(filter)).some((name) => name !== 'sort')
}

export function sameFilter(one: Filter, other: Filter): boolean {
  return JSON.stringify(queryOf(one)) === JSON.stringify(queryOf(other))
}
