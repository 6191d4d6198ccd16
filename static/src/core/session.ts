/**
 * Who sits before the screen, asked once at the start and after every sign-in. Somebody from outside may have proven a mobile number in
 * this browser; that is asked only where it was done before, for most visitors never do it.
 */
import { computed, ref, shallowRef } from 'vue'
import { ApiError, type Api, type Me, type Role, type Visitor } from '@/api'
import { SECRETARIES } from './roles'

const PROVEN = 'hongbo.visitor'
const NOBODY: Me = { member: null, roles: [], csrf: '', public_broadcasts: false, organisation: null, brand: '' }

export function createSession(api: Pick<Api, 'me' | 'setupNeeded' | 'visitor'>) {
  const me = shallowRef<Me>(NOBODY)
  const visitor = shallowRef<Visitor | null>(null)
  let loading: Promise<void> | null = null
  /** The server has said who this is; until then nobody may be taken for a visitor. */
  const known = ref(false)

  async function ask(): Promise<void> {
    try {
      me.value = await api.me()
      visitor.value = null
      known.value = true
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      known.value = error.status === 401
      const brand = known.value ? await api.setupNeeded().then((setup) => setup.brand, () => '') : ''
      if (known.value && provenBefore()) visitor.value = await api.visitor().catch(() => null)
      me.value = { ...NOBODY, brand: brand || me.value.brand }
    }
  }

  return {
    me,
    known,
    member: computed(() => me.value.member),
    /** Whoever can write here: the member, or a visitor who has proven a number. */
    speaker: computed(() => me.value.member ?? visitor.value),
    visitor: computed(() => visitor.value),
    /** For the live connection. */
    csrf: () => (me.value.member === null ? (visitor.value?.csrf ?? '') : me.value.csrf),
    brand: computed(() => me.value.brand || '立白党建'),
    isStaff: computed(() => me.value.roles.some((role) => role === 'administrator' || role === 'affairs_staff')),
    /** Keeps order in every room. */
    moderates: computed(() => me.value.roles.some((role) => ['moderator', 'committee_secretary', 'administrator'].includes(role))),
    /** May write in a room while others must not, whoever keeps it. */
    isSecretary: computed(() => me.value.roles.some((role) => SECRETARIES.includes(role))),
    /** Proposes and confirms points. */
    keepsPoints: computed(() => me.value.roles.some((role) => SECRETARIES.includes(role) || ['affairs_staff', 'appraisal_clerk', 'discipline_secretary'].includes(role))),
    /** Runs the yearly appraisal of a branch or of all. */
    appraises: computed(() => me.value.roles.some((role) => SECRETARIES.includes(role) || role === 'affairs_staff')),
    /** Reads a branch's ledger, or all of them. */
    readsLedgers: computed(() => me.value.roles.some((role) => SECRETARIES.includes(role) || role === 'affairs_staff' || role === 'appraisal_clerk')),
    /** Answers objections to publications. */
    answersObjections: computed(() => me.value.roles.some((role) => SECRETARIES.includes(role) || role === 'affairs_staff')),
    /** Gives tasks of a branch, or of the committee. */
    givesTasks: computed(() => me.value.roles.some((role) => SECRETARIES.includes(role) || ['affairs_staff', 'organiser', 'branch_organiser'].includes(role))),
    /** Runs what is the whole committee's. */
    runsCommittee: computed(() => me.value.roles.some((role) => ['committee_secretary', 'committee_deputy_secretary', 'affairs_staff'].includes(role))),
    isPartyMember: computed(() => me.value.member !== null && me.value.member.status !== 'employee'),
    isHost: computed(() => me.value.roles.includes('red_host')),
    has: (role: Role) => me.value.roles.includes(role),
    /** Resolves once the server has said who this is; asks again when it could not. */
    ready(): Promise<void> {
      if (known.value) return Promise.resolve()
      loading ??= ask().finally(() => {
        loading = null
      })
      return loading
    },
    reload: ask,
    proven(by: Visitor): void {
      rememberProven()
      visitor.value = by
    },
    forget(): void {
      me.value = { ...NOBODY, brand: me.value.brand }
    },
  }
}

function provenBefore(): boolean {
  try {
    return localStorage.getItem(PROVEN) !== null
  } catch {
    return false
  }
}

function rememberProven(): void {
  try {
    localStorage.setItem(PROVEN, '1')
  } catch {
    // Refused: then it lasts as long as the page.
  }
}

export type Session = ReturnType<typeof createSession>
