/** The MP4 of a replay: asked for, watched while it is made, then offered as a link. */
import { computed, onScopeDispose, ref, shallowRef, watch, type Ref } from 'vue'
import { inWords, type Broadcast, type Download } from '@/api'
import { useContext } from '@/core/context'

const EVERY = 1_500

export function useDownload(broadcast: Ref<Broadcast>) {
  const { api } = useContext()
  const state = shallowRef<Download>(broadcast.value.replay.download)
  const busy = ref(false)
  const message = ref('')
  let timer: ReturnType<typeof setTimeout> | undefined
  let gone = false

  function follow(): void {
    clearTimeout(timer)
    if (gone || state.value.state !== 'preparing') return
    timer = setTimeout(() => {
      api
        .download(broadcast.value.id)
        .then((now) => {
          state.value = now
        })
        // A lost question is asked again; the work goes on in the server.
        .catch(() => undefined)
        .finally(follow)
    }, EVERY)
  }

  async function prepare(): Promise<void> {
    busy.value = true
    message.value = ''
    try {
      state.value = await api.prepareDownload(broadcast.value.id)
      follow()
    } catch (error) {
      message.value = inWords(error)
    } finally {
      busy.value = false
    }
  }

  watch(
    () => broadcast.value.replay.download,
    (fresh) => {
      if (fresh.allowed !== state.value.allowed || state.value.state === 'none') state.value = fresh
    },
  )
  onScopeDispose(() => {
    gone = true
    clearTimeout(timer)
  })
  follow()
  return { state, busy, message, prepare, percent: computed(() => Math.round(state.value.progress * 100)) }
}
