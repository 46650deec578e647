import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { clientAssets } from '../../../reporters/html/assets.ts'
import type { ResourceSpans } from '../../../reporters/html/otlp.ts'
import { renderPage } from '../../../reporters/html/page.ts'
import { reportOf } from '../../../reporters/html/view-model.ts'
import type { ChaosEvent } from '../../../src/journal/events.ts'
import { playHeld, Script, startMs } from '../../journal/script.ts'
import { attribute, exported, hex, request, span } from './otlp.ts'

/** Writes a report. @returns its address */
export function writePage(folder: string, events: readonly ChaosEvent[], spans: readonly ResourceSpans[]): string {
  const path = join(folder, 'report.html')
  writeFileSync(path, renderPage(reportOf(events, spans), clientAssets()))
  return `file://${path}`
}

export const slowerFile = 'specs/slower.chaos.ts'
export const slowerAnchor = 'slower--a-slower-version-is-transparent'
export const slowerTraceId = 'b2'.padStart(32, '0')

/** A run like that of the rollout talk: a hypothesis that holds, and one that deviates as its spec documents. */
export function talk(): { events: readonly ChaosEvent[]; spans: ResourceSpans[] } {
  const script = new Script().start('http://traces.test/trace/{traceId}')
  playHeld(script.file('specs/new.chaos.ts'), 'a1', 'a new version is transparent')
  const slower = script.file(slowerFile).hypothesis('b2', 'a slower version is transparent', 'deviated')
  const methodAt = slower.check('before').enter('method').setImage('slow', 'counter/service2:v4').now
  slower.add({ type: 'traffic-started', traffic: 'users', url: 'http://127.18.67.10/', perSecond: 10 })
  const seen = (before: number, later: number, notReady: number) => {
    for (const subject of ['deployment/service2', 'service/service2']) {
      slower.add({ type: 'readiness-seen', subject, ready: { before, later, notReady } })
    }
  }
  seen(1, 0, 0)
  for (let second = 0; second < 20; second++) {
    if (second === 1) seen(1, 0, 1)
    if (second === 5) seen(0, 1, 0)
    const failed = second < 5 ? 0 : 6
    slower.wait(1000).add({
      type: 'traffic-progress',
      traffic: 'users',
      outcomes: { '2xx': 10 - failed, ...(failed > 0 ? { '5xx': failed } : {}) },
      latencyMs: { p50: 6, p90: 12, p99: failed > 0 ? 1004 : 20, max: failed > 0 ? 1010 : 22 },
    })
    const updated = second < 2 ? 0 : 1
    const counts = { desired: 1, updated, available: 1, unavailable: second < 5 ? updated : 0, old: second < 5 ? 1 : 0 }
    slower.add({ type: 'action-progress', subject: 'deployment/service2', message: `second ${second}`, data: counts })
  }
  const reason = 'expected an error rate below 1 %, but it was 45 % (90 of 200 requests)'
  slower.add({
    type: 'traffic-ended',
    traffic: 'users',
    startedAt: methodAt,
    summary: {
      planned: 200,
      completed: 110,
      failed: 90,
      dropped: 0,
      outcomes: { '2xx': 110, '5xx': 90 },
      latencyMs: { p50: 6, p90: 1001, p99: 1004, max: 1010 },
    },
  })
  slower.prometheus('90 of 200 (45 %)', 0.45).leave('method', reason).check('after').rollBack('slow')
  seen(1, 0, 0)
  slower.deviated(reason)
  const spans = [ownTrace(methodAt), ...Array.from({ length: 200 }, (_, number) => callOf(number, methodAt)).flat()]
  return { events: script.end('held', 0).events, spans }
}

function ownTrace(methodAt: number): ResourceSpans {
  const traceId = slowerTraceId
  const at = (spanId: number, name: string, from: number, durationMs: number, parent?: number) =>
    span({
      traceId,
      spanId: hex(spanId, 16),
      ...(parent === undefined ? {} : { parentSpanId: hex(parent, 16) }),
      name,
      from: methodAt + from,
      durationMs,
      attributes: [attribute('chaos_test.phase', name)],
    })
  return exported('chaos-test', [
    at(1, 'a slower version is transparent', 0, 27_000),
    at(2, 'method', 0, 20_000, 1),
    at(3, 'kubernetes set image', 5, 30, 2),
    at(4, 'kubernetes rollout status', 40, 5000, 2),
    at(5, 'rollback', 22_000, 3000, 1),
  ])
}

function callOf(number: number, methodAt: number): ResourceSpans[] {
  const isFailed = number >= 50 && number % 10 < 6
  return request({
    number,
    linkedTo: slowerTraceId,
    at: methodAt + number * 100,
    latencyMs: isFailed ? 1004 : 6 + (number % 9),
    ...(isFailed ? { outcome: '5xx', status: 500, isFailed } : {}),
  })
}

/** One hypothesis whose own trace has so many spans, and as many in the traces of its requests. */
export function large(spanCount: number): { events: readonly ChaosEvent[]; spans: ResourceSpans[] } {
  const script = new Script().start()
  const file = script.file(slowerFile)
  file.hypothesis('b2', 'many spans').enter('method').wait(30_000).leave('method').held()
  const spans = Array.from({ length: spanCount }, (_, index) =>
    span({
      traceId: slowerTraceId,
      spanId: hex(index + 1, 16),
      ...(index === 0 ? {} : { parentSpanId: hex(Math.floor((index - 1) / 10) + 1, 16) }),
      name: `operation ${index}`,
      from: startMs + index * 2,
      durationMs: index === 0 ? 30_000 : 50,
    }),
  )
  const requests = Array.from({ length: Math.floor(spanCount / 3) }, (_, number) =>
    request({ linkedTo: slowerTraceId, number: number + 100_000, at: startMs + number, latencyMs: 3 + (number % 40) }),
  )
  return { events: script.end('held', 0).events, spans: [exported('crowd', spans), ...requests.flat()] }
}
