/** The MP4 of a replay: asked for, watched while it is made, then offered as a link. */
import { computed, onScopeDispose, ref, shallowRef, watch, type Ref } from 'vue'
import { inWords, type Broadcast, type Download } from '@/api'
import { useContext } from '@/core/context'

const EVERY = 1_500

export type DownloadHandle = ReturnType<typeof useDownload>

export function useDownload(broadcast: Ref<Broadcast | null>) {
  const { api } = useContext()
  const state = shallowRef<Pick<Download, 'state' | 'progress' | 'url'>>({ state: 'none', progress: 0, url: null })
  const busy = ref(false)
  const message = ref('')
  let timer: ReturnType<typeof setTimeout> | undefined
  let gone = false

  function follow(): void {
    clearTimeout(timer)
    const id = broadcast.value?.id
    if (gone || id === undefined || state.value.state !== 'preparing') return
    timer = setTimeout(() => {
      api
        .download(id)
        .then((now) => {
          state.value = now
        })
        // A lost question is asked again; the work goes on in the server.
        .catch(() => undefined)
        .finally(follow)
    }, EVERY)
  }

  async function prepare(): Promise<void> {
    const id = broadcast.value?.id
    if (id === undefined || busy.value) return
    busy.value = true
    message.value = ''
    try {
      state.value = await api.prepareDownload(id)
      follow()
    } catch (error) {
      message.value = inWords(error)
    } finally {
      busy.value = false
    }
  }

  // The broadcast is asked again and again anyway. While this asks itself, more often, its own answer is the newer one.
  watch(
    () => broadcast.value?.replay.download,
    (fresh) => {
      if (fresh === undefined || busy.value || (state.value.state === 'preparing' && fresh.state === 'preparing')) return
      state.value = fresh
      follow()
    },
    { immediate: true },
  )
  onScopeDispose(() => {
    gone = true
    clearTimeout(timer)
  })
  return { state, busy, message, prepare, percent: computed(() => Math.floor(state.value.progress * 100)) }
}
