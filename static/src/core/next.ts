/** Where to go after sign-in: only a path of this site, whatever the address says. */
export function safeNext(next: unknown): string {
  if (typeof next !== 'string' || !/^\/(?![/\\])/.test(next)) return '/'
  for (const character of next) {
    if (character === '\\' || character <= ' ') return '/'
  }
  return /^\/(sign-in|activate|setup)\b/.test(next) ? '/' : next
}
