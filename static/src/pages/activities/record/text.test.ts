import { describe, expect, it } from 'vitest'
import { emptyMotion, inputOf, merged, type RecordText } from './text'

const base: RecordText = { place: '三楼', heldFrom: '', heldUntil: '', agenda: ['学习'], speeches: [], decisions: ['甲'], motions: [] }

describe('what two people wrote at once', () => {
  it('takes what only one of them changed', () => {
    const { text, clashes } = merged(base, { ...base, place: '四楼' }, { ...base, decisions: ['甲', '乙'] })
    expect(text).toEqual({ ...base, place: '四楼', decisions: ['甲', '乙'] })
    expect(clashes).toEqual([])
  })

  it('keeps what both added, one after the other', () => {
    expect(merged(base, { ...base, agenda: ['学习', '我加的'] }, { ...base, agenda: ['学习', '对方加的'] }).text.agenda).toEqual(['学习', '对方加的', '我加的'])
  })

  it('takes changes of different items of a list', () => {
    const two = { ...base, agenda: ['学习', '讨论'] }
    expect(merged(two, { ...two, agenda: ['学习文件', '讨论'] }, { ...two, agenda: ['学习', '讨论接收'] }).text.agenda).toEqual(['学习文件', '讨论接收'])
  })

  it('says where both changed the same thing, and loses nothing of what is on screen', () => {
    const { text, clashes } = merged(base, { ...base, agenda: ['我改的'] }, { ...base, agenda: ['对方改的'] })
    expect(clashes).toEqual(['agenda'])
    expect(text.agenda).toEqual(['我改的'])
    expect(merged(base, { ...base, decisions: [] }, { ...base, decisions: ['甲改'] }).clashes).toEqual(['decisions'])
  })
})

describe('what is sent', () => {
  it('leaves out what is empty, and has numbers for the votes', () => {
    const motion = { ...emptyMotion(), title: '接收预备党员', inFavour: '7', voters: ' ' }
    const sent = inputOf({ ...base, agenda: ['学习', ' '], motions: [motion, emptyMotion()], speeches: [{ name: '', points: ' ', member: null }] }, 3)
    expect(sent.agenda).toEqual(['学习'])
    expect(sent.speeches).toEqual([])
    expect(sent.motions).toEqual([{ title: '接收预备党员', ballot: 'open', in_favour: 7, against: 0, abstained: 0, voters: null }])
    expect(sent.version).toBe(3)
  })
})
