/**
 * Pictures and voice of a talk: sealed and handed in before their message goes, fetched and opened when they come into sight. What was
 * opened lives in the page's memory alone.
 */
import { computed, onScopeDispose, shallowRef, watch } from 'vue'
import { inWords, OfflineError } from '@/api'
import { useContext } from '@/core/context'
import { newId } from '@/core/id'
import type { PictureContent, VoiceContent } from '@/sealed/content'
import { isOurs, NoPicture, reencoded } from '@/sealed/picture'
import { sealFile, unsealFile } from '@/sealed/sealing'
import type { Voice } from '@/sealed/voice'
import { createSound } from './playing'
import type { ThreadHandle } from './useThread'

type Sealed = PictureContent | VoiceContent
/** All of it but where it lies. */
type Unplaced = Omit<PictureContent, 'blob' | 'key'> | Omit<VoiceContent, 'blob' | 'key'>

/** On its way to the server. */
export interface Upload {
  id: string
  kind: 'picture' | 'voice'
  /** For the picture in the list. */
  url: string
  /** Why it did not go, in words; '' while it goes. */
  reason: string
  /** It waits for the network. */
  waiting: boolean
  bytes: Uint8Array<ArrayBuffer>
  what: Unplaced
}

export function useFiles(talk: string, thread: ThreadHandle) {
  const { api, reach } = useContext()
  const uploads = shallowRef<readonly Upload[]>([])
  const opened = new Map<string, Promise<string>>()
  const urls: string[] = []
  const fault = shallowRef('')
  const sound = createSound()

  function urlOf(bytes: Uint8Array<ArrayBuffer>, type: string): string {
    const url = URL.createObjectURL(new Blob([bytes], { type }))
    urls.push(url)
    return url
  }

  /** An address of what was opened, for this page alone. Rejects with words. */
  function open(file: Sealed): Promise<string> {
    const known = opened.get(file.blob)
    if (known !== undefined) return known
    const asked = fetched(file)
    opened.set(file.blob, asked)
    asked.catch(() => opened.delete(file.blob)) // may be asked for again
    return asked
  }

  async function fetched(file: Sealed): Promise<string> {
    const sealed = await api.blob(talk, file.blob).catch((error: unknown) => inWords(error))
    if (typeof sealed === 'string') throw new Error(sealed)
    const bytes = await unsealFile(talk, file.key, new Uint8Array(sealed))
    if (bytes === undefined) throw new Error('内容被改动过，没有打开')
    if (file.t === 'picture' && !isOurs(bytes)) throw new Error('这不是本页面能发出的图片，没有打开')
    return urlOf(bytes, file.t === 'picture' ? 'image/jpeg' : file.type)
  }

  function put(upload: Upload): void {
    const known = uploads.value.some(({ id }) => id === upload.id)
    uploads.value = known ? uploads.value.map((each) => (each.id === upload.id ? upload : each)) : [...uploads.value, upload]
  }

  function discard(id: string): void {
    uploads.value = uploads.value.filter((each) => each.id !== id)
  }

  async function sendPictures(files: readonly File[]): Promise<void> {
    fault.value = ''
    for (const file of files) {
      try {
        const { bytes, width, height } = await reencoded(file)
        start('picture', bytes, 'image/jpeg', { t: 'picture', width, height })
      } catch (error) {
        fault.value = error instanceof NoPicture ? error.message : '这张图片没能处理，请换一张'
      }
    }
  }

  function sendVoice({ bytes, type, ms, wave }: Voice): void {
    fault.value = ''
    start('voice', bytes, type, { t: 'voice', type, ms, wave })
  }

  function start(kind: Upload['kind'], bytes: Uint8Array<ArrayBuffer>, type: string, what: Unplaced): void {
    const upload: Upload = { id: newId(), kind, url: urlOf(bytes, type), reason: '', waiting: false, bytes, what }
    put(upload)
    void deliver(upload)
  }

  async function deliver(upload: Upload): Promise<void> {
    put({ ...upload, reason: '', waiting: false })
    try {
      const { sealed, key } = await sealFile(talk, upload.bytes)
      const { id } = await api.handInBlob(talk, upload.kind, new Blob([sealed]))
      if (!uploads.value.some((each) => each.id === upload.id)) return // given up meanwhile
      opened.set(id, Promise.resolve(upload.url))
      discard(upload.id)
      void thread.send(upload.kind, { ...upload.what, blob: id, key }, id)
    } catch (error) {
      if (error instanceof OfflineError) put({ ...upload, waiting: true })
      else put({ ...upload, reason: inWords(error) })
    }
  }

  watch(reach.returns, () => {
    for (const upload of uploads.value) if (upload.waiting) void deliver(upload)
  })
  onScopeDispose(() => {
    for (const url of urls) URL.revokeObjectURL(url)
  })
  return {
    uploads,
    uploading: computed(() => uploads.value.some(({ reason }) => reason === '')),
    fault,
    sound,
    open,
    sendPictures,
    sendVoice,
    again: (upload: Upload) => void deliver(upload),
    discard,
  }
}

export type FilesHandle = ReturnType<typeof useFiles>
