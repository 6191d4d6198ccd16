/** A nudge in the hand, where the phone has one to give (iPhones let no page do it). None for those who want less motion. */
export function nudge(pattern: number | number[]): void {
  if (window.matchMedia('(prefers-reduced-motion: reduce)').matches) return
  if (typeof navigator.vibrate === 'function') navigator.vibrate(pattern)
}
