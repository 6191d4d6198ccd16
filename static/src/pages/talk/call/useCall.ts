/** The call of a talk on the page. */
import { computed, onScopeDispose, shallowRef } from 'vue'
import { useNow } from '@/composables/useNow'
import { useWakeLock } from '@/composables/useWakeLock'
import { useContext } from '@/core/context'
import { inWeChat, OPEN_OUTSIDE } from '@/core/device'
import { newId } from '@/core/id'
import { captureFault, microphoneConstraints } from '@/media/capture'
import type { CallEnd, CallSignal } from '@/sealed/content'
import { Call } from './call'
import type { Lens } from './lens'
import { NO_CALL, type CallView } from './view'

export interface CallUse {
  talk: string
  send: (signal: CallSignal) => Promise<void>
  ended: (end: CallEnd) => void
}

class NoCalls extends Error {}

const cameraConstraints = ({ facing, device }: Lens): MediaTrackConstraints => ({
  width: { ideal: 640 },
  height: { ideal: 480 },
  frameRate: { ideal: 24, max: 30 },
  ...(device === undefined ? { facingMode: { ideal: facing } } : { deviceId: { exact: device } }),
})

export function useCall({ talk, send, ended }: CallUse) {
  const { api } = useContext()
  const view = shallowRef<CallView>(NO_CALL)
  const now = useNow()
  const call = new Call({
    send,
    ended,
    servers: async () => (await api.talkIce(talk)).ice_servers.map(({ urls, username, credential }) => ({ urls, ...(username ? { username } : {}), ...(credential ? { credential } : {}) })),
    open(microphone, camera) {
      if (!('RTCPeerConnection' in window) || typeof navigator.mediaDevices?.getUserMedia !== 'function') throw new NoCalls()
      return navigator.mediaDevices.getUserMedia({ audio: microphone ? microphoneConstraints('') : false, video: camera === null ? false : cameraConstraints(camera) })
    },
    async cameras() {
      const devices = await navigator.mediaDevices.enumerateDevices().catch(() => [])
      return devices.filter(({ kind }) => kind === 'videoinput').map(({ deviceId }) => deviceId)
    },
    inWords(error, video) {
      if (error instanceof NoCalls) return `这个浏览器不能通话，请升级或换一个浏览器${inWeChat() ? `，${OPEN_OUTSIDE}` : ''}；文字和图片不受影响`
      return captureFault(error, video ? 'camera' : 'microphone')
    },
    changed(changed) {
      view.value = changed
    },
    now: () => performance.now(),
    newId,
  })

  // A page that goes takes its call along; the other side is told if there is still time for it.
  const leaving = () => void call.hangUp()
  window.addEventListener('pagehide', leaving)
  const back = () => void call.networkBack()
  window.addEventListener('online', back)
  onScopeDispose(() => {
    window.removeEventListener('pagehide', leaving)
    window.removeEventListener('online', back)
    void call.hangUp()
  })

  /** It was in a call before it was loaded anew. */
  function lost(id: string, video: boolean): void {
    void send({ t: 'call', step: 'hangup', call: id, video, text: '', part: 0, of: 1 })
    ended({ t: 'call-end', call: id, video, how: 'lost', ms: 0 })
  }

  const active = computed(() => view.value.state !== 'none')
  useWakeLock(active)
  return {
    view,
    active,
    /** ms of talking until now. */
    length: computed(() => (now.value > 0 && view.value.since > 0 ? performance.now() - view.value.since : 0)),
    ring: (video: boolean) => call.ring(video),
    accept: (video: boolean) => call.accept(video),
    decline: () => call.decline(),
    hangUp: () => call.hangUp(),
    mute: (muted: boolean) => { call.mute(muted) },
    setCamera: (on: boolean) => call.setCamera(on),
    flip: () => call.flip(),
    dismiss: () => { call.dismiss() },
    drop: () => { call.drop() },
    hear: (signal: CallSignal) => void call.hear(signal, true),
    lost,
  }
}

export type CallHandle = ReturnType<typeof useCall>
