import { afterEach, expect, it } from 'vitest'
import { UnsentStore, forgetUnsent } from './unsent'

afterEach(() => {
  sessionStorage.clear()
})
const comment = (key: string, text = key) => ({ broadcast: 'b', text, client_id: key, media_at: null, reply_to: null })

it('keeps what is unsent over a reload, in the order of writing, for its member and room alone', () => {
  const store = new UnsentStore('me', 'b')
  store.keep(comment('x'))
  store.keep(comment('y'))
  store.keep(comment('x'), '主播关闭了评论')
  store.draft = '还没写完'
  const reloaded = new UnsentStore('me', 'b')
  expect(reloaded.unsent).toEqual([{ comment: comment('x'), reason: '主播关闭了评论' }, { comment: comment('y'), reason: '' }])
  expect(reloaded.draft).toBe('还没写完')
  expect(new UnsentStore('other', 'b').unsent).toEqual([])
  expect(new UnsentStore('me', 'c').draft).toBe('')
})

it('leaves nothing behind once all is sent', () => {
  const store = new UnsentStore('me', 'b')
  store.keep(comment('x'))
  store.draft = '好'
  store.drop('x')
  store.draft = ''
  expect(sessionStorage).toHaveLength(0)
})

it('forgets what others wrote when somebody signs in, and everything at the sign-out', () => {
  new UnsentStore('me', 'b').keep(comment('x'))
  new UnsentStore('other', 'b').keep(comment('y'))
  sessionStorage.setItem('else', '1')
  forgetUnsent('me')
  expect(new UnsentStore('me', 'b').unsent).toHaveLength(1)
  expect(new UnsentStore('other', 'b').unsent).toHaveLength(0)
  forgetUnsent(null)
  expect(Object.keys(sessionStorage)).toEqual(['else'])
})

it('survives a storage that is refused or holds something else', () => {
  const refused = new UnsentStore('me', 'b', null)
  refused.keep(comment('x'))
  expect(refused.unsent).toEqual([])
  for (const text of ['no json', 'null', '{"unsent": [1, {"comment": {}}], "draft": 7}']) {
    sessionStorage.setItem('hongbo.unsent.me.b', text)
    const store = new UnsentStore('me', 'b')
    expect([store.draft, store.unsent]).toEqual(['', []])
  }
})
