import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { formatLabelSelector } from '../../../src/lab/apiserver/selectors/labels.ts'
import { type Labels, selects } from '../../../src/lab/labels.ts'
import { configMap, configMapsPath, pod, podsPath, TestApi } from './api.ts'

describe('selectors', () => {
  let api: TestApi
  beforeAll(async () => {
    api = await TestApi.start()
    await api.post(configMapsPath, configMap('a', {}, { app: 'x', tier: 'web' }))
    await api.post(configMapsPath, configMap('b', {}, { app: 'y' }))
    await api.post(configMapsPath, configMap('c', {}, { tier: 'db' }))
    for (const name of ['p', 'q']) await api.post(podsPath, pod(name))
    await api.post(`${podsPath}/q/binding`, { target: { name: 'lab-1' } })
  })
  afterAll(() => api.stop())

  const namesBy = async (path: string, key: string, selector: string) => {
    const { body } = await api.get(`${path}?${key}=${encodeURIComponent(selector)}`)
    return body.items?.map(({ metadata }) => metadata.name).join(' ') ?? body.message
  }

  it.each([
    ['app=x', 'a'],
    ['app==x', 'a'],
    ['app!=x', 'b c'],
    ['app in (x, y)', 'a b'],
    ['app in (x),tier in (web,db)', 'a'],
    ['app notin (x)', 'b c'],
    ['app', 'a b'],
    ['!app', 'c'],
    ['app,tier!=db', 'a b'],
    ['', 'a b c'],
    ['constructor', ''],
  ])('by labels: %s', async (selector, names) => {
    expect(await namesBy(configMapsPath, 'labelSelector', selector)).toBe(names)
  })

  it.each([
    ['metadata.name=p', 'p'],
    ['metadata.name!=p', 'q'],
    ['spec.nodeName=lab-1', 'q'],
    ['spec.nodeName=', 'p'],
    ['status.phase=Pending,metadata.namespace=default', 'p q'],
    ['status.phase==Running', ''],
  ])('by fields: %s', async (selector, names) => {
    expect(await namesBy(podsPath, 'fieldSelector', selector)).toBe(names)
  })

  it.each([
    ['labelSelector', 'a b', 'unable to parse requirement'],
    ['labelSelector', 'a in (b', 'unable to parse requirement'],
    ['fieldSelector', 'spec.image=x', 'field label not supported: spec.image'],
    ['fieldSelector', 'name', "invalid selector: 'name'"],
  ])('refuse a %s of "%s"', async (key, selector, message) => {
    expect(await namesBy(podsPath, key, selector)).toContain(message)
  })

  it('inside objects select and read like those of queries', () => {
    const selector = {
      matchLabels: { app: 'x' },
      matchExpressions: [
        { key: 'tier', operator: 'In', values: ['web', 'db'] },
        { key: 'old', operator: 'DoesNotExist' },
      ],
    }
    const matches = (labels: Labels) => selects(selector, labels)
    expect(matches({ app: 'x', tier: 'db' })).toBe(true)
    expect(matches({ app: 'x', tier: 'db', old: '' })).toBe(false)
    expect(matches({ app: 'x' })).toBe(false)
    expect(formatLabelSelector(selector)).toBe('app=x,tier in (db,web),!old')
  })
})
