/** A question over the page, answered with yes or no. Closing it any other way is a no. */
import { showConfirmDialog, showDialog, type DialogOptions } from 'vant'

export interface Question {
  title: string
  message: string
  yes: string
  no: string
}

export async function ask({ title, message, yes, no }: Question): Promise<boolean> {
  try {
    await showConfirmDialog(named({ title, message, confirmButtonText: yes, cancelButtonText: no }))
    return true
  } catch {
    return false
  }
}

export async function explain(title: string, message: string): Promise<void> {
  await showDialog(named({ title, message, confirmButtonText: '知道了' }))
}

// Vant ties the dialog to an id that does not exist; screen readers then take this name.
function named(options: DialogOptions): DialogOptions & { 'aria-label': string } {
  return { ...options, 'aria-label': options.title ?? '' }
}
