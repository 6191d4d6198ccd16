/** Asking for camera, microphone and screen, and what to say when one of them is refused. */
import type { Orientation } from '@/api'
import { OPEN_OUTSIDE, placeOf, type Place } from '@/core/device'

export interface Wanted {
  deviceId?: string
  facing?: 'user' | 'environment'
}

export function cameraConstraints(orientation: Orientation, wanted: Wanted): MediaTrackConstraints {
  const [long, short] = [1280, 720]
  const upright = orientation === 'portrait'
  return {
    ...(wanted.deviceId ? { deviceId: { exact: wanted.deviceId } } : { facingMode: { ideal: wanted.facing ?? 'user' } }),
    width: { ideal: upright ? short : long },
    height: { ideal: upright ? long : short },
    aspectRatio: { ideal: upright ? 9 / 16 : 16 / 9 },
    frameRate: { ideal: 30, max: 30 },
  }
}

export function microphoneConstraints(deviceId: string): MediaTrackConstraints {
  return {
    ...(deviceId ? { deviceId: { exact: deviceId } } : {}),
    echoCancellation: true,
    noiseSuppression: true,
    autoGainControl: true,
  }
}

type Device = 'camera' | 'microphone'

/** Whether these devices open without a question to the person: the browser says so or, where it cannot be asked, already names them. */
export async function opensUnasked(devices: readonly Device[]): Promise<boolean> {
  try {
    const answers = await Promise.all(devices.map((name) => navigator.permissions.query({ name })))
    return answers.every((answer) => answer.state === 'granted')
  } catch {
    const known = 'mediaDevices' in navigator ? await navigator.mediaDevices.enumerateDevices().catch(() => []) : []
    const named = (kind: MediaDeviceKind) => known.some((each) => each.kind === kind && each.label !== '')
    return devices.every((name) => named(name === 'camera' ? 'videoinput' : 'audioinput'))
  }
}

export async function openCamera(orientation: Orientation, wanted: Wanted): Promise<MediaStreamTrack> {
  return first(await navigator.mediaDevices.getUserMedia({ video: cameraConstraints(orientation, wanted) }), 'video')
}

export async function openMicrophone(deviceId: string): Promise<MediaStreamTrack> {
  return first(await navigator.mediaDevices.getUserMedia({ audio: microphoneConstraints(deviceId) }), 'audio')
}

export async function openScreen(): Promise<MediaStreamTrack> {
  const video = { width: { max: 1920 }, height: { max: 1080 }, frameRate: { ideal: 15, max: 30 } }
  return first(await navigator.mediaDevices.getDisplayMedia({ video, audio: false }), 'video')
}

function first(stream: MediaStream, kind: 'video' | 'audio'): MediaStreamTrack {
  const track = stream.getTracks().find((each) => each.kind === kind)
  if (track === undefined) throw new DOMException('no track', 'NotFoundError')
  return track
}

const THINGS = { camera: '摄像头', microphone: '麦克风', screen: '屏幕' } as const

/** Where the permission is given back: each browser keeps it elsewhere. */
const PERMISSION: Readonly<Record<Place, (name: string) => string>> = {
  wechat: (name) => `请在手机“设置”里允许微信使用${name}，再点重试；还是不行，${OPEN_OUTSIDE}`,
  iphone: (name) => `请点地址栏里的“大小”，打开“网站设置”，把${name}改为“允许”，再点重试`,
  android: (name) => `请点地址栏左侧的图标，打开“权限”，允许使用${name}，再点重试`,
  desktop: (name) => `请点地址栏左侧的图标，把${name}改为“允许”，再点重试`,
}

/** Why a device did not open, and what to do about it. */
export function captureFault(error: unknown, thing: keyof typeof THINGS, place: Place = placeOf()): string {
  const name = THINGS[thing]
  switch ((error as { name?: string } | null)?.name) {
    case 'NotAllowedError':
    case 'SecurityError':
      if (thing === 'screen') return '没有选择要共享的屏幕或窗口'
      return `没有得到使用${name}的许可。${PERMISSION[place](name)}`
    case 'NotFoundError':
    case 'OverconstrainedError':
      return `没有找到可用的${name}，请检查是否接好`
    case 'NotReadableError':
    case 'AbortError':
      return `${name}正被其他程序占用，请关闭会议、通话等程序后重试`
    default:
      return `${name}没能打开，请重试`
  }
}
