import { afterAll, beforeAll, expect, it } from 'vitest'
import { pod, podsPath, TestApi } from './api.ts'

let api: TestApi
beforeAll(async () => {
  api = await TestApi.start()
})
afterAll(() => api.stop())

it('has no output of a pod that no node has taken', async () => {
  await api.post(podsPath, pod('waiting'))
  expect(await api.get(`${podsPath}/waiting/log`)).toMatchObject({
    code: 200,
    body: '',
    contentType: expect.stringContaining('text/plain'),
  })
  expect((await api.get(`${podsPath}/nobody/log`)).code).toBe(404)
})

it('wants the name of a container where there are several, and one that there is', async () => {
  const containers = ['web', 'sidecar'].map((name) => ({ name, image: 'counter/app:v1' }))
  await api.post(podsPath, pod('pair', {}, { containers }))
  const messages = await Promise.all(
    ['', '?container=db', '?container=web'].map(async (query) => {
      const { code, body } = await api.get(`${podsPath}/pair/log${query}`)
      return `${code} ${body.message}`
    }),
  )
  expect(messages).toEqual([
    '400 a container name must be specified for pod pair, choose one of: [web sidecar]',
    '400 container db is not valid for pod pair',
    '200 undefined',
  ])
})

it('says so when the kubelet cannot be asked', async () => {
  await api.post(podsPath, pod('lost', {}, { nodeName: 'nowhere' }))
  const { code, body } = await api.get(`${podsPath}/lost/log`)
  expect(code).toBe(500)
  expect(body.message).toContain('node nowhere does not say where its kubelet is')
})

it('says so when the kubelet is gone', async () => {
  await api.post('/api/v1/nodes', { metadata: { name: 'dead' } })
  const status = {
    addresses: [{ type: 'InternalIP', address: '198.18.64.1' }],
    daemonEndpoints: { kubeletEndpoint: { Port: 1 } },
  }
  await api.patch('/api/v1/nodes/dead/status', { status }, 'application/merge-patch+json')
  await api.post(podsPath, pod('orphaned', {}, { nodeName: 'dead' }))
  const { code, body } = await api.get(`${podsPath}/orphaned/log`)
  expect(code).toBe(500)
  expect(body.message).toContain('ECONNREFUSED')
})
