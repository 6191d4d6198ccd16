/** Copying text, on old web views too, and a word afterwards. */
import { showToast } from 'vant'

export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return copyOldWay(text)
  }
}

function copyOldWay(text: string): boolean {
  const area = document.createElement('textarea')
  area.value = text
  area.setAttribute('readonly', '')
  area.style.position = 'fixed'
  area.style.opacity = '0'
  document.body.append(area)
  area.select()
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- web views without the clipboard API know only this
  const done = document.execCommand('copy')
  area.remove()
  return done
}

export function useCopy() {
  return async (text: string, done = '已复制'): Promise<void> => {
    showToast((await copyText(text)) ? done : '没能复制，请长按选中后复制')
  }
}
