/** Which broadcast this tab was sending, so that a reload can offer to go on. Kept for the tab only. */
const KEY = 'hongbo.sending'

export function rememberSending(id: string | null): void {
  try {
    if (id === null) sessionStorage.removeItem(KEY)
    else sessionStorage.setItem(KEY, id)
  } catch {
    // Refused storage: then there is no offer after a reload.
  }
}

export function wasSending(id: string): boolean {
  try {
    return sessionStorage.getItem(KEY) === id
  } catch {
    return false
  }
}
