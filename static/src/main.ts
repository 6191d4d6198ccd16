// Vant's parts one by one, without its icon font (a data: font, which the content policy rightly refuses).
import 'vant/es/style/base.css'
import 'vant/es/loading/index.css'
import 'vant/es/button/index.css'
import 'vant/es/overlay/index.css'
import 'vant/es/popup/index.css'
import 'vant/es/dialog/index.css'
import 'vant/es/toast/index.css'
import 'vant/es/pull-refresh/index.css'
import './styles/tokens.css'
import './styles/base.css'
import './styles/vant.css'
import { setToastDefaultOptions } from 'vant'
import { createApp } from 'vue'
import App from './App.vue'
import { createApi } from './api'
import { Client } from './api/client'
import { CONTEXT } from './core/context'
import { createKeptCodes } from './core/kept-codes'
import { createLive } from './core/live'
import { applyLargeType } from './core/large-type'
import { applyLook } from './core/look'
import { createOffers } from './core/offers'
import { OwnChannel } from './core/own-channel'
import { createReach } from './core/reach'
import { ServerClock } from './core/server-clock'
import { createSession } from './core/session'
import { createWaiting } from './core/waiting'
import { createAppRouter, toSignIn } from './router'
import { focusFaults } from './shell/fault-focus'

applyLargeType()
applyLook()
focusFaults(document)
// Two seconds are too short to read a sentence at sixty.
setToastDefaultOptions({ duration: 3_500, wordBreak: 'break-word' })

const clock = new ServerClock()
const reach = createReach(() =>
  fetch('/healthz', { cache: 'no-store' }).then(
    (response) => response.ok,
    () => false,
  ),
)
const client = new Client({
  onReach: reach.report,
  onServerTime: (server, sent, received) => {
    clock.observe(server, sent, received)
  },
  onSignedOut: () => {
    session.forget()
    toSignIn(router)
  },
})
const api = createApi(client)
const session = createSession(api)
const router = createAppRouter(session)
const live = createLive(session)

window.addEventListener('offline', () => {
  reach.report(false)
})

const own = new OwnChannel(session, live)
const waiting = createWaiting(api, session)
const codes = createKeptCodes(api, session, reach)
const offers = createOffers(session, live)

createApp(App).provide(CONTEXT, { api, session, reach, clock, live, own, waiting, codes, offers }).use(router).mount('#app')
