/** The keyboard of a replay: the usual keys of players, anywhere on the page. */
import { onScopeDispose } from 'vue'

export interface Actions {
  toggle: () => void
  step: (seconds: number) => void
  mute: () => void
  full: () => void
}

/** s: one step back or forward */
export const STEP = 15

const KEYS: Readonly<Record<string, (actions: Actions) => void>> = {
  ' ': (actions) => { actions.toggle() },
  k: (actions) => { actions.toggle() },
  ArrowLeft: (actions) => { actions.step(-STEP) },
  ArrowRight: (actions) => { actions.step(STEP) },
  m: (actions) => { actions.mute() },
  f: (actions) => { actions.full() },
}

/** Keys belong to whatever has the focus first: fields, sliders, an open sheet; space and enter to buttons and links. */
function taken(event: KeyboardEvent): boolean {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return true
  const target = event.target instanceof Element ? event.target : null
  if (target?.closest('input, textarea, select, [role="slider"], [aria-modal="true"]')) return true
  return event.key === ' ' && target?.closest('button, a') != null
}

export function useKeys(actions: Actions): void {
  function pressed(event: KeyboardEvent): void {
    const action = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key]
    if (action === undefined || taken(event)) return
    event.preventDefault()
    action(actions)
  }
  document.addEventListener('keydown', pressed)
  onScopeDispose(() => {
    document.removeEventListener('keydown', pressed)
  })
}
