/** The places the navigation leads to, by what this person may do. */
import { Award, CalendarDays, CircleUserRound, MonitorPlay, ShieldCheck, UsersRound, Video, type LucideIcon } from '@lucide/vue'
import { computed, type ComputedRef } from 'vue'
import type { Session } from '@/core/session'
import type { Waiting } from '@/core/waiting'

export interface Place {
  to: string
  /** Addresses that light it up too, with those below them. */
  under: readonly string[]
  label: string
  icon: LucideIcon
  /** How much waits for this person there. */
  waits?: number
}

export function usePlaces(session: Session, waiting?: Pick<Waiting, 'all'>): ComputedRef<Place[]> {
  return computed(() => {
    const places: Place[] = [{ to: '/', under: ['/b'], label: '直播', icon: MonitorPlay }]
    if (session.member.value) places.push({ to: '/activities', under: ['/activities'], label: '活动', icon: CalendarDays })
    if (session.isHost.value) places.push({ to: '/studio', under: ['/studio'], label: '开播', icon: Video })
    if (session.moderates.value) places.push({ to: '/moderation', under: ['/moderation'], label: '审核', icon: ShieldCheck })
    if (session.isStaff.value) places.push({ to: '/staff/members', under: ['/staff'], label: '管理', icon: UsersRound })
    // Where the bar has room; everybody finds it under 我的.
    if (session.isPartyMember.value && places.length < 4) places.push({ to: '/me/points', under: ['/me/points'], label: '积分', icon: Award })
    places.push({ to: session.member.value ? '/me' : '/sign-in', under: ['/me', '/points', '/publications', '/appraisals', '/tasks', '/shakes', '/talks'], label: session.member.value ? '我的' : '登录', icon: CircleUserRound, waits: waiting?.all.value ?? 0 })
    return places
  })
}

/** How much of the path the nearest address of a place covers; -1 if none does. The lobby covers itself alone. */
function covered(place: Place, path: string): number {
  const at = [place.to, ...place.under].filter((address) => path === address || (address !== '/' && path.startsWith(`${address}/`)))
  return Math.max(-1, ...at.map((address) => address.length))
}

/** Of two places one of which lies below the other, the nearer one alone lights up. */
export function isAt(place: Place, path: string, places: readonly Place[] = []): boolean {
  const own = covered(place, path)
  return own >= 0 && !places.some((other) => covered(other, path) > own)
}
