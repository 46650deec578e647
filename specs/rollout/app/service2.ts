/**
 * service2 counts: every request gets the next number. The count lives in the process, so a new pod starts again at 0.
 *
 *     VERSION=v1 PORT=8001 node specs/rollout/app/service2.ts
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { serve } from './server.ts'

interface Behaviour {
  healthy: boolean
  delayMs: number
}

const asItShould: Behaviour = { healthy: true, delayMs: 0 }

/** The versions that something is wrong with. */
const faulty: Record<string, Behaviour> = {
  v3: { healthy: false, delayMs: 0 },
  v4: { healthy: true, delayMs: 2000 },
}

const version = process.env.VERSION ?? 'v1'
const { healthy, ...behaviour } = faulty[version] ?? asItShould
/** How long an answer takes: as the version has it, unless the environment says otherwise. */
const delayMs = Number(process.env.ANSWER_MS ?? behaviour.delayMs)

let next = 0

serve({
  name: 'service2',
  version,
  healthy,
  spanName: 'next-count',
  answer: async ({ metrics }) => {
    if (delayMs > 0) await sleep(delayMs)
    const last = next++
    metrics.counted(last)
    return { svc: 'service2', version, last }
  },
})
