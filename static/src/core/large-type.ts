/** The large-type switch: kept on this device, raises every size by 20 %. Storage may be refused; then it lasts for the visit. */
const KEY = 'hongbo.large-type'

export function largeType(): boolean {
  return document.documentElement.dataset['type'] === 'large'
}

export function setLargeType(on: boolean): void {
  document.documentElement.dataset['type'] = on ? 'large' : 'normal'
  try {
    localStorage.setItem(KEY, on ? '1' : '0')
  } catch {
    // A private window: nothing to keep it in.
  }
}

export function applyLargeType(): void {
  try {
    if (localStorage.getItem(KEY) === '1') document.documentElement.dataset['type'] = 'large'
  } catch {
    // As above.
  }
}
