import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { randomFrom } from '../../src/support/random.ts'
import { Ledger } from '../../src/traffic/ledger.ts'
import { spanOf } from './plans.ts'

// The whole engine, with connections and traces, is measured by `npm run bench -- traffic`.

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

function heapMegabytes(): number {
  collectGarbage()
  return process.memoryUsage().heapUsed / 1024 ** 2
}

test('the books of a million requests are no larger than those of a hundred thousand in the same time', () => {
  const random = randomFrom(1)
  const ledger = new Ledger(0)
  const enter = (count: number, fromMs: number, untilMs: number) => {
    for (let n = 0; n < count; n += 1) {
      const sentMs = fromMs + ((untilMs - fromMs) * n) / count
      const completed = random() < 0.9
      const outcome = completed ? '2xx' : random() < 0.5 ? '5xx' : 'refused'
      const times = { plannedMs: sentMs - random(), sentMs, endedMs: sentMs + 10 ** (random() * 4) }
      const span = spanOf(`${sentMs}`.padStart(32, '0'))
      ledger.enter({
        sequence: n,
        ...times,
        outcome,
        completed,
        stage: 'waiting',
        status: 200,
        pod: undefined,
        span,
      })
    }
  }
  enter(100_000, 0, 50_000)
  const early = heapMegabytes()

  enter(900_000, 50_000, 100_000)

  expect(heapMegabytes() - early).toBeLessThan(1)
  expect(ledger.close(120_000, 1_000_000).summary.planned).toBe(1_000_000)
})
