/** How somebody wants comments over the picture: kept on this device, for each member apart. */
import { inject, provide, reactive, watch, type InjectionKey } from 'vue'
import { useContext } from '@/core/context'

export const AREAS = ['quarter', 'half', 'full'] as const
export const DENSITIES = ['few', 'normal', 'many'] as const
export const SIZES = ['small', 'normal', 'large'] as const
export const OPACITIES = ['40', '60', '80', '100'] as const

export interface DanmakuSettings {
  on: boolean
  area: (typeof AREAS)[number]
  density: (typeof DENSITIES)[number]
  size: (typeof SIZES)[number]
  opacity: (typeof OPACITIES)[number]
}

const KEY = 'hongbo.danmaku'

/** Whoever wants less motion has none over the picture unless they ask for it. */
export function defaults(still: boolean): DanmakuSettings {
  return { on: !still, area: 'half', density: 'normal', size: 'normal', opacity: '80' }
}

/** What is no known value any more, or was never one, is as it was at first. */
export function read(text: string | null, still: boolean): DanmakuSettings {
  const fresh = defaults(still)
  let kept: Partial<Record<keyof DanmakuSettings, unknown>>
  try {
    kept = (JSON.parse(text ?? '{}') ?? {}) as typeof kept
  } catch {
    return fresh
  }
  const one = <Value extends string>(values: readonly Value[], value: unknown, otherwise: Value) => values.find((each) => each === value) ?? otherwise
  return {
    on: typeof kept.on === 'boolean' ? kept.on : fresh.on,
    area: one(AREAS, kept.area, fresh.area),
    density: one(DENSITIES, kept.density, fresh.density),
    size: one(SIZES, kept.size, fresh.size),
    opacity: one(OPACITIES, kept.opacity, fresh.opacity),
  }
}

export function wantsStill(): boolean {
  return typeof window.matchMedia === 'function' && window.matchMedia('(prefers-reduced-motion: reduce)').matches
}

const SETTINGS: InjectionKey<DanmakuSettings> = Symbol('danmaku')

/** For a page with a picture that comments can run over; all below it share the settings. */
export function provideDanmaku(): DanmakuSettings {
  const { session } = useContext()
  const settings = reactive(defaults(wantsStill()))
  const key = () => `${KEY}.${session.member.value?.id ?? 'visitor'}`
  watch(
    key,
    (now) => {
      Object.assign(settings, read(stored(now), wantsStill()))
    },
    { immediate: true },
  )
  watch(settings, (now) => {
    try {
      localStorage.setItem(key(), JSON.stringify(now))
    } catch {
      // Full or refused: then it lasts for the visit.
    }
  })
  provide(SETTINGS, settings)
  return settings
}

/** Null on pages without such a picture. */
export function useDanmakuSettings(): DanmakuSettings | null {
  return inject(SETTINGS, null)
}

function stored(key: string): string | null {
  try {
    return localStorage.getItem(key)
  } catch {
    return null
  }
}
