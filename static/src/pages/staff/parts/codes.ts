/** Activation codes on their way to people: as words to send, as a file to keep, as slips to print. */

export interface Code {
  name: string
  mobile: string
  code: string
}

export const activationAddress = (): string => `${location.origin}/activate`

export function inviteText(brand: string, { name, mobile, code }: Code, until: string): string {
  const limit = until ? `，${until}前有效` : ''
  return `${name}，您好！请打开 ${activationAddress()} ，输入手机号 ${mobile} 和激活码 ${code}，设置密码后即可使用“${brand}”。激活码只能用一次${limit}，请勿转给他人。`
}

/** For Excel: a BOM so that it reads UTF-8, and no cell that it could take for a formula. */
export function csvOf(codes: readonly Code[]): string {
  const lines = [['姓名', '手机号', '激活码'], ...codes.map(({ name, mobile, code }) => [name, mobile, code])]
  return `\uFEFF${lines.map((cells) => cells.map(cell).join(',')).join('\r\n')}\r\n`
}

function cell(text: string): string {
  const harmless = /^[=+\-@＝＋－＠\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(harmless) ? `"${harmless.replace(/"/g, '""')}"` : harmless
}

/** Tab-separated: pasted into a spreadsheet it falls into columns. */
export function tableText(codes: readonly Code[]): string {
  return codes.map(({ name, mobile, code }) => [name, mobile, code].join('\t')).join('\n')
}

export function saveFile(name: string, type: string, content: string): void {
  const url = URL.createObjectURL(new Blob([content], { type }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  document.body.append(link)
  link.click()
  link.remove()
  setTimeout(() => {
    URL.revokeObjectURL(url)
  }, 10_000)
}

export const canPrint = (): boolean => typeof window.print === 'function' && !/MicroMessenger/i.test(navigator.userAgent)
