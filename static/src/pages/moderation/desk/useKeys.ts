/** Single keys that act wherever the focus is, except where something is being written or a sheet is open. */
import { onScopeDispose } from 'vue'

export type Keys = Readonly<Record<string, () => void>>

export function useKeys(keys: Keys): void {
  function pressed(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return
    if (event.target instanceof Element && event.target.closest('input:not([type=checkbox]), textarea, select, [contenteditable], [role=dialog]') !== null) return
    if (document.querySelector('.van-overlay:not([style*="display: none"])') !== null) return
    const act = keys[event.key === '？' ? '?' : event.key.toLowerCase()]
    if (act === undefined) return
    event.preventDefault()
    act()
  }

  document.addEventListener('keydown', pressed)
  onScopeDispose(() => {
    document.removeEventListener('keydown', pressed)
  })
}
