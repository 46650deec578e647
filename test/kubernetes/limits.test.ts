import { expect, test } from 'vitest'
import { act } from '../../src/kubernetes/actions/act.ts'
import { connect } from '../../src/kubernetes/api/client.ts'
import type { Impact } from '../../src/kubernetes/changes/impact.ts'
import { defaultSafety } from '../../src/safety/index.ts'
import { targetAt } from './kubeconfigs.ts'
import { openSpecSession } from './spec-session.ts'

/** Tries an action that hits this; nobody answers where the cluster should be, so nothing may be asked of it. */
async function tryToHit(impact: Impact) {
  const there = await targetAt({ server: 'https://127.0.0.1:1', token: 'a-token' })
  const session = openSpecSession(there.target, undefined, { ...defaultSafety, maxPods: 0.5 })
  const client = await connect(there.target, session.controller.signal)
  let hasRun = false
  const run = async () => {
    hasRun = true
  }
  const error: unknown = await act(client, {
    ...{ title: 'hit it', impact, permissions: [], run },
    undo: { irreversible: 'nothing comes of it' },
  }).catch((thrown: unknown) => thrown)
  await there.remove()
  return { error, hasRun, performed: session.performed.length }
}

const refused = (code: string) => ({ error: expect.objectContaining({ code }), hasRun: false, performed: 0 })
const web = { kind: 'deployment', namespace: 'default', name: 'web' }

test('an action in the namespace of the target is done', async () => {
  expect(await tryToHit({ objects: [web] })).toEqual({ error: undefined, hasRun: true, performed: 1 })
})

test('an action in another namespace, or a protected one, is refused before anything is asked', async () => {
  const elsewhere = { ...web, namespace: 'orders' }
  expect(await tryToHit({ objects: [web, elsewhere] })).toEqual(refused('CHAOS_NAMESPACE_NOT_ALLOWED'))
  const system = { ...web, namespace: 'kube-system' }
  expect(await tryToHit({ objects: [system] })).toEqual(refused('CHAOS_NAMESPACE_PROTECTED'))
})

test('an action that hits too many pods or nodes is refused', async () => {
  const pods = { hit: 2, of: 3, among: 'the pods of deployment/web' }
  expect(await tryToHit({ objects: [web], pods })).toEqual(refused('CHAOS_BLAST_RADIUS'))
  expect(await tryToHit({ objects: [web], pods: { ...pods, gradually: true } })).toMatchObject({ hasRun: true })
  const nodes = { hit: 1, of: 1, among: 'the nodes of the cluster' }
  expect(await tryToHit({ objects: [{ kind: 'node', name: 'node1' }], nodes })).toEqual(refused('CHAOS_BLAST_RADIUS'))
})
