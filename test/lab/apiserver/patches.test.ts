import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { strategicMergePatch } from '../../../src/lab/apiserver/patches/strategic.ts'
import { deployments } from '../../../src/lab/apiserver/resources/deployments.ts'
import {
  configMap,
  configMapsPath,
  deployment,
  deploymentsPath,
  jsonPatchType,
  mergePatchType,
  strategicPatchType,
  TestApi,
} from './api.ts'

interface StrategicCase {
  what: string
  before: object
  patch: object
  after: object
}

const named = (...names: string[]) => names.map((name) => ({ name }))

/** Each holds for the spec of the pods of a deployment. The results are those of a real API server. */
const strategicCases: StrategicCase[] = [
  {
    what: 'merges an item with the one of the same key',
    before: {
      containers: [
        { name: 'a', image: 'a:1', env: [{ name: 'X', value: '1' }] },
        { name: 'b', image: 'b:1' },
      ],
    },
    patch: { containers: [{ name: 'a', image: 'a:2' }] },
    after: {
      containers: [
        { name: 'a', image: 'a:2', env: [{ name: 'X', value: '1' }] },
        { name: 'b', image: 'b:1' },
      ],
    },
  },
  {
    what: 'puts a new item before those that the patch does not name',
    before: { containers: named('a', 'b') },
    patch: { containers: named('c') },
    after: { containers: named('c', 'a', 'b') },
  },
  {
    what: 'orders as $setElementOrder says (kubectl set image sends it)',
    before: { containers: named('a', 'b') },
    patch: { '$setElementOrder/containers': named('b', 'c', 'a'), containers: named('c') },
    after: { containers: named('b', 'c', 'a') },
  },
  {
    what: 'orders a list that it does not change',
    before: { containers: named('a', 'b', 'c') },
    patch: { '$setElementOrder/containers': named('c', 'b', 'a') },
    after: { containers: named('c', 'b', 'a') },
  },
  {
    what: 'leaves an item that the order does not name where it was among the others',
    before: { containers: named('a', 'server-only', 'b') },
    patch: { '$setElementOrder/containers': named('a', 'b'), containers: [{ name: 'b', image: 'x' }] },
    after: { containers: [{ name: 'a' }, { name: 'server-only' }, { name: 'b', image: 'x' }] },
  },
  {
    what: 'deletes an item',
    before: { containers: named('a', 'b') },
    patch: { containers: [{ name: 'a', $patch: 'delete' }] },
    after: { containers: named('b') },
  },
  {
    what: 'replaces a list',
    before: { containers: [{ name: 'a', env: [{ name: 'X', value: '1' }] }] },
    patch: { containers: [{ name: 'a', env: [{ $patch: 'replace' }, { name: 'Y', value: '2' }] }] },
    after: { containers: [{ name: 'a', env: [{ name: 'Y', value: '2' }] }] },
  },
  {
    what: 'merges deep lists by their own keys',
    before: { containers: [{ name: 'a', ports: [{ containerPort: 80 }, { containerPort: 81 }] }] },
    patch: { containers: [{ name: 'a', ports: [{ containerPort: 81, name: 'web' }] }] },
    after: { containers: [{ name: 'a', ports: [{ containerPort: 80 }, { containerPort: 81, name: 'web' }] }] },
  },
  {
    what: 'replaces a list without a merge key',
    before: { containers: [{ name: 'a', command: ['x', 'y'] }] },
    patch: { containers: [{ name: 'a', command: ['z'] }] },
    after: { containers: [{ name: 'a', command: ['z'] }] },
  },
  {
    what: 'merges maps and removes what is null',
    before: { nodeSelector: { a: '1', b: '2' } },
    patch: { nodeSelector: { a: null, c: '3' } },
    after: { nodeSelector: { b: '2', c: '3' } },
  },
  {
    what: 'replaces a map',
    before: { nodeSelector: { a: '1' } },
    patch: { nodeSelector: { $patch: 'replace', b: '2' } },
    after: { nodeSelector: { b: '2' } },
  },
  {
    what: 'retains only the keys that it names (kubectl apply sends it for volumes)',
    before: { volumes: [{ name: 'v', emptyDir: {} }] },
    patch: { volumes: [{ name: 'v', $retainKeys: ['name', 'configMap'], configMap: { name: 'c' } }] },
    after: { volumes: [{ name: 'v', configMap: { name: 'c' } }] },
  },
]

describe('a strategic merge patch', () => {
  it.each(strategicCases)('$what', ({ before, patch, after }) => {
    const inTemplate = (spec: object) => JSON.parse(JSON.stringify({ spec: { template: { spec } } }))
    expect(strategicMergePatch(inTemplate(before), inTemplate(patch), deployments.schema)).toEqual(inTemplate(after))
  })

  it('adds to finalizers, and takes from them as $deleteFromPrimitiveList says', () => {
    const before = { metadata: { finalizers: ['a', 'b'] } }
    expect(strategicMergePatch(before, { metadata: { finalizers: ['c', 'a'] } }, deployments.schema)).toEqual({
      metadata: { finalizers: ['c', 'a', 'b'] },
    })
    const removal = { metadata: { '$deleteFromPrimitiveList/finalizers': ['a'] } }
    expect(strategicMergePatch(before, removal, deployments.schema)).toEqual({ metadata: { finalizers: ['b'] } })
  })

  it('changes nothing of what it is applied to', () => {
    const before = { spec: { template: { spec: { containers: [{ name: 'a', image: 'a:1' }] } } } }
    const copy = structuredClone(before)
    strategicMergePatch(
      before,
      { spec: { template: { spec: { containers: [{ name: 'a', image: 'b' }] } } } },
      deployments.schema,
    )
    expect(before).toEqual(copy)
  })
})

describe('patches over HTTP', () => {
  let api: TestApi
  beforeAll(async () => {
    api = await TestApi.start()
  })
  afterAll(() => api.stop())

  it('set the image as kubectl set image does', async () => {
    await api.post(deploymentsPath, deployment('image'))
    const body = {
      spec: {
        template: {
          spec: {
            '$setElementOrder/containers': [{ name: 'app' }],
            containers: [{ image: 'counter/app:v2', name: 'app' }],
          },
        },
      },
    }
    const patched = await api.patch(`${deploymentsPath}/image?fieldManager=kubectl-set`, body, strategicPatchType)
    expect(patched.code).toBe(200)
    expect(patched.body.metadata.generation).toBe(2)
    expect(patched.body.spec.template.spec.containers).toMatchObject([
      { name: 'app', image: 'counter/app:v2', ports: [{ name: 'http', containerPort: 8000 }] },
    ])
    const again = await api.patch(`${deploymentsPath}/image`, body, strategicPatchType)
    expect(again.body.metadata.resourceVersion).toBe(patched.body.metadata.resourceVersion)
  })

  it('undo a rollout as kubectl rollout undo does', async () => {
    const { body: created } = await api.post(deploymentsPath, deployment('undo'))
    const template = structuredClone(created.spec.template)
    template.spec.containers[0].image = 'counter/app:v0'
    const body = [
      { op: 'replace', path: '/spec/template', value: template },
      { op: 'replace', path: '/metadata/annotations', value: { note: 'old' } },
    ]
    await api.patch(`${deploymentsPath}/undo`, { metadata: { annotations: { note: 'new' } } }, mergePatchType)
    const undone = await api.patch(`${deploymentsPath}/undo`, body, jsonPatchType)
    expect(undone.body.spec.template).toEqual(template)
    expect(undone.body.metadata.annotations).toEqual({ note: 'old' })
    expect(undone.body.metadata.generation).toBe(3)
  })

  it('pause and resume without leaving a trace', async () => {
    const { body: created } = await api.post(deploymentsPath, deployment('pause'))
    const paused = await api.patch(`${deploymentsPath}/pause`, { spec: { paused: true } }, strategicPatchType)
    expect(paused.body.spec.paused).toBe(true)
    const resumed = await api.patch(`${deploymentsPath}/pause`, { spec: { paused: null } }, strategicPatchType)
    expect(resumed.body.spec).toEqual(created.spec)
  })

  it('of JSON test before they change, and say what did not apply', async () => {
    await api.post(configMapsPath, configMap('tested', { a: '1' }))
    const failing = [
      { op: 'replace', path: '/data/a', value: '2' },
      { op: 'test', path: '/data/a', value: '1' },
    ]
    const refused = await api.patch(`${configMapsPath}/tested`, failing, jsonPatchType)
    expect(refused.code).toBe(422)
    expect(refused.body.message).toContain('the server rejected our request due to an error in our request')
    expect((await api.get(`${configMapsPath}/tested`)).body.data).toEqual({ a: '1' })
    const missing = await api.patch(
      `${configMapsPath}/tested`,
      [{ op: 'replace', path: '/data/nothing/deeper', value: 'x' }],
      jsonPatchType,
    )
    expect(missing.code).toBe(422)
    expect((await api.patch(`${configMapsPath}/tested`, { op: 'add' }, jsonPatchType)).code).toBe(400)
    expect((await api.patch(`${configMapsPath}/tested`, [{ op: 'explode', path: '/' }], jsonPatchType)).code).toBe(422)
  })

  it('do not conflict unless they name a version', async () => {
    const { body: created } = await api.post(configMapsPath, configMap('versioned', { a: '1' }))
    await api.patch(`${configMapsPath}/versioned`, { data: { a: '2' } }, mergePatchType)
    expect((await api.patch(`${configMapsPath}/versioned`, { data: { a: '3' } }, mergePatchType)).code).toBe(200)
    const { resourceVersion } = created.metadata
    const stale = await api.patch(
      `${configMapsPath}/versioned`,
      { metadata: { resourceVersion }, data: { a: '4' } },
      mergePatchType,
    )
    expect(stale.code).toBe(409)
  })

  it('cannot rename, and cannot change what the server decides', async () => {
    const { body: created } = await api.post(configMapsPath, configMap('fixed'))
    expect((await api.patch(`${configMapsPath}/fixed`, { metadata: { name: 'x' } }, mergePatchType)).code).toBe(400)
    const kept = await api.patch(
      `${configMapsPath}/fixed`,
      { metadata: { creationTimestamp: '2000-01-01T00:00:00Z', deletionTimestamp: '2000-01-01T00:00:00Z' } },
      mergePatchType,
    )
    expect(kept.body).toEqual(created)
  })

  it('are refused when they are of no known type or cannot be read', async () => {
    await api.post(configMapsPath, configMap('unread'))
    const unknown = await api.patch(`${configMapsPath}/unread`, {}, 'application/json')
    expect(unknown.code).toBe(415)
    expect(unknown.body.message).toContain(strategicPatchType)
    expect((await api.patch(`${configMapsPath}/unread`, '{bad', mergePatchType)).code).toBe(400)
    expect((await api.patch(`${configMapsPath}/unread`, '"text"', mergePatchType)).code).toBe(400)
    const noKey = { spec: { template: { spec: { containers: [{ image: 'x' }] } } } }
    await api.post(deploymentsPath, deployment('unread'))
    const refused = await api.patch(`${deploymentsPath}/unread`, noKey, strategicPatchType)
    expect(refused.body.message).toContain('does not contain declared merge key: name')
    expect((await api.patch(`${configMapsPath}/nothing`, {}, mergePatchType)).code).toBe(404)
  })

  it('scale as kubectl scale does', async () => {
    await api.post(deploymentsPath, deployment('scaled'))
    const scaled = await api.patch(`${deploymentsPath}/scaled/scale`, { spec: { replicas: 4 } }, mergePatchType)
    expect(scaled.body).toMatchObject({
      kind: 'Scale',
      apiVersion: 'autoscaling/v1',
      spec: { replicas: 4 },
      status: { replicas: 0, selector: 'app=scaled' },
    })
    const after = await api.get(`${deploymentsPath}/scaled`)
    expect(after.body.spec.replicas).toBe(4)
    expect(after.body.metadata.generation).toBe(2)
    const put = await api.put(`${deploymentsPath}/scaled/scale`, {
      metadata: { name: 'scaled' },
      spec: { replicas: 1 },
    })
    expect(put.body.spec.replicas).toBe(1)
    const stale = { ...scaled.body, spec: { replicas: 9 } }
    expect((await api.put(`${deploymentsPath}/scaled/scale`, stale)).code).toBe(409)
    const negative = await api.patch(`${deploymentsPath}/scaled/scale`, { spec: { replicas: -1 } }, mergePatchType)
    expect(negative.body.message).toBe(
      'Scale.autoscaling "scaled" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0',
    )
  })
})
