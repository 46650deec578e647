import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ApiClient, eventRecorder, events } from '../../../src/lab/client/index.ts'
import { ManualClock } from '../client/manual-clock.ts'
import { mergePatchType, TestApi } from './api.ts'

const minuteMs = 60_000
const eventsPath = '/api/v1/namespaces/default/events'

describe('an event', () => {
  let clock: ManualClock
  let api: TestApi
  beforeEach(async () => {
    clock = new ManualClock()
    api = await TestApi.start({ clock })
  })
  afterEach(() => api.stop())

  const post = (name: string) =>
    api.post(eventsPath, { metadata: { name }, involvedObject: { kind: 'Pod', name: 'web', namespace: 'default' } })
  const names = async () => (await api.get(eventsPath)).body.items.map(({ metadata }) => metadata.name)
  const pass = async (minutes: number) => {
    for (let minute = 0; minute < minutes; minute++) await clock.advance(minuteMs)
  }

  it('is gone an hour after it was written last, and watches hear of it', async () => {
    const watch = await api.watch(eventsPath)
    await post('once')
    await post('again')
    await pass(30)
    await api.patch(`${eventsPath}/again`, { count: 2 }, mergePatchType)
    await post('later')
    await pass(29)
    expect(await names()).toEqual(['again', 'later', 'once'])
    await pass(1)
    expect(await names()).toEqual(['again', 'later'])
    await api.remove(`${eventsPath}/later`)
    await pass(29)
    expect(await names()).toEqual(['again'])
    await pass(1)
    expect(await names()).toEqual([])
    await post('new')
    expect(await watch.take(8)).toEqual([
      'ADDED once',
      'ADDED again',
      'MODIFIED again',
      'ADDED later',
      'DELETED once',
      'DELETED later',
      'DELETED again',
      'ADDED new',
    ])
  })

  it('that expired is recorded anew when the same happens once more', async () => {
    const client = new ApiClient(api.server.access)
    const recorder = eventRecorder(client, 'kubelet', { clock })
    const pod = { kind: 'Pod', metadata: { name: 'web', namespace: 'default', uid: '1' } }
    const counts = async () => {
      recorder.record(pod, 'Warning', 'Unhealthy', 'Readiness probe failed')
      await recorder.flush()
      return (await client.list(events)).items.map(({ count }) => count)
    }
    expect([await counts(), await counts()]).toEqual([[1], [2]])
    await pass(60)
    expect([await counts(), await counts()]).toEqual([[1], [2]])
    client.close()
  })
})
