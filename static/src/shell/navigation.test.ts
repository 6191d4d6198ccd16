import { Award } from '@lucide/vue'
import { describe, expect, it } from 'vitest'
import { isAt, type Place } from './navigation'

const place = (to: string, ...under: string[]): Place => ({ to, under, label: to, icon: Award })
const PLACES = [place('/', '/b'), place('/activities'), place('/staff/members', '/staff'), place('/me/points'), place('/me', '/me', '/points', '/publications')]

describe('the place that is lit', () => {
  it.each([
    ['/', '/'],
    ['/b/1/replay', '/'],
    ['/activities/1/record', '/activities'],
    ['/staff/roles', '/staff/members'],
    ['/me', '/me'],
    ['/me/appraisal', '/me'],
    ['/me/points', '/me/points'],
    ['/publications/objections', '/me'],
    ['/points/review', '/me'],
    ['/mebody', undefined],
  ])('at %s is %s', (path, lit) => {
    expect(PLACES.filter((each) => isAt(each, path, PLACES)).map((each) => each.to)).toEqual(lit === undefined ? [] : [lit])
  })
})
