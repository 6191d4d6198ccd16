/**
 * Daylight or dark: kept on this device; without a choice it follows the phone. The room and the studio are a dark hall whatever
 * was chosen. All of it stands on the root element, so that what is laid over the page (sheets, questions, notices) has it too.
 */
export type Look = 'system' | 'light' | 'dark'

const KEY = 'hongbo.look'
const PAPER = { light: '#FBF8F3', dark: '#14100E' } as const

const root = () => document.documentElement
const phoneIsDark = (): MediaQueryList | null => (typeof window.matchMedia === 'function' ? window.matchMedia('(prefers-color-scheme: dark)') : null)

export function look(): Look {
  const chosen = root().dataset['look']
  return chosen === 'light' || chosen === 'dark' ? chosen : 'system'
}

export function setLook(chosen: Look): void {
  root().dataset['look'] = chosen
  try {
    localStorage.setItem(KEY, chosen)
  } catch {
    // A private window: it lasts for the visit.
  }
  paint()
}

/** `on`: the page in sight is a dark hall. */
export function setHall(on: boolean): void {
  root().dataset['hall'] = on ? 'on' : 'off'
  paint()
}

export function applyLook(): void {
  try {
    root().dataset['look'] = localStorage.getItem(KEY) ?? 'system'
  } catch {
    // As above.
  }
  // Older Safari knows the query but cannot be told of its change: the next page then has it.
  phoneIsDark()?.addEventListener?.('change', paint)
  paint()
}

function paint(): void {
  const chosen = look()
  const dark = root().dataset['hall'] === 'on' || chosen === 'dark' || (chosen === 'system' && phoneIsDark()?.matches === true)
  root().classList.toggle('dark', dark)
  document.querySelector('meta[name="theme-color"]')?.setAttribute('content', dark ? PAPER.dark : PAPER.light)
}
