/** Who sits before the screen, asked once at the start and after every sign-in. */
import { computed, ref, shallowRef } from 'vue'
import { ApiError, type Api, type Me, type Role } from '@/api'

const VISITOR: Me = { member: null, roles: [], csrf: '', public_broadcasts: false, organisation: null, brand: '' }

export function createSession(api: Pick<Api, 'me' | 'setupNeeded'>) {
  const me = shallowRef<Me>(VISITOR)
  let loading: Promise<void> | null = null
  /** The server has said who this is; until then nobody may be taken for a visitor. */
  const known = ref(false)

  async function ask(): Promise<void> {
    try {
      me.value = await api.me()
      known.value = true
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      known.value = error.status === 401
      const brand = known.value ? await api.setupNeeded().then((setup) => setup.brand, () => '') : ''
      me.value = { ...VISITOR, brand: brand || me.value.brand }
    }
  }

  return {
    me,
    known,
    member: computed(() => me.value.member),
    brand: computed(() => me.value.brand || '立白党建'),
    isStaff: computed(() => me.value.roles.some((role) => role === 'administrator' || role === 'affairs_staff')),
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
    forget(): void {
      me.value = { ...VISITOR, brand: me.value.brand }
    },
  }
}

export type Session = ReturnType<typeof createSession>
