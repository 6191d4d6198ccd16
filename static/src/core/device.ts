/** Where the page runs, as far as it changes what people must be told. By the browser's own name: nothing depends on it but words. */
export type Place = 'wechat' | 'iphone' | 'android' | 'desktop'

/** WeChat's own web view plays and shares well, but it saves no files and has no address bar to point at. */
export const OPEN_OUTSIDE = '请点右上角“…”，选择“在浏览器打开”'

export function placeOf(agent: string = navigator.userAgent): Place {
  if (/MicroMessenger/i.test(agent)) return 'wechat'
  if (/iPhone|iPad|iPod/i.test(agent)) return 'iphone'
  return /Android|HarmonyOS|OpenHarmony/i.test(agent) ? 'android' : 'desktop'
}

export function inWeChat(): boolean {
  return placeOf() === 'wechat'
}
