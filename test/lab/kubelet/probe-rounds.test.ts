import { expect, test } from 'vitest'
import { probeInRounds, scheduleOf } from '../../../src/lab/kubelet/probe-schedule.ts'
import { ManualClock } from '../client/manual-clock.ts'

/** Probes every 10 s with a timeout of 1 s, until it is stopped. Each lag is how long the prober stands still meanwhile. */
function rounds(probes: { healthy: boolean; lagMs?: number }[]) {
  const clock = new ManualClock()
  const startMs = clock.now()
  const log: string[] = []
  const note = (what: string) => log.push(`${(clock.now() - startMs) / 1000} s: ${what}`)
  const ending = new AbortController()
  let taken = 0
  const done = probeInRounds({
    schedule: scheduleOf({ failureThreshold: 2 }),
    firstMs: startMs,
    take: async () => {
      const { healthy = true } = probes[taken++] ?? {}
      note(healthy ? 'healthy' : 'unhealthy')
      return { healthy, message: 'refused' }
    },
    onVerdict: (healthy) => {
      if (!healthy) note('verdict: unhealthy')
      return true
    },
    onUnhealthy: () => note('said: unhealthy'),
    onDisbelieved: (message, stoodStillMs) => note(`not believed: ${message} (${stoodStillMs} ms)`),
    lag: { worstSince: () => probes[taken - 1]?.lagMs ?? 0 },
    clock,
    signal: ending.signal,
  })
  return {
    log,
    async pass(seconds: number) {
      for (let second = 0; second < seconds; second++) {
        await clock.advance(1000)
        await clock.advance(0)
      }
    },
    stop: () => {
      ending.abort()
      return done
    },
  }
}

test('a failure of a prober that stood still counts for nothing, is said, and is repeated at once', async () => {
  const probing = rounds([
    { healthy: true },
    { healthy: false, lagMs: 501 },
    { healthy: false, lagMs: 500 },
    { healthy: true },
  ])
  await probing.pass(25)
  await probing.stop()
  expect(probing.log).toEqual([
    '1 s: healthy',
    '10 s: unhealthy',
    '10 s: not believed: refused (501 ms)',
    '10 s: unhealthy',
    '10 s: said: unhealthy',
    '20 s: healthy',
  ])
})

test('a prober that stands still again and again repeats once a period, and never finds a pod unhealthy', async () => {
  const probing = rounds(Array.from({ length: 9 }, () => ({ healthy: false, lagMs: 900 })))
  await probing.pass(15)
  await probing.stop()
  expect(probing.log.filter((line) => line.endsWith(': unhealthy'))).toEqual([
    '1 s: unhealthy',
    '1 s: unhealthy',
    '11 s: unhealthy',
    '11 s: unhealthy',
  ])
  expect(probing.log.join()).not.toContain('verdict')
})

test('a success is believed however late the prober was', async () => {
  const probing = rounds([{ healthy: true, lagMs: 5000 }])
  await probing.pass(2)
  await probing.stop()
  expect(probing.log).toEqual(['1 s: healthy'])
})
