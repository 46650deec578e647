import type { ChaosEvent, EventBody, Phase } from '../../src/journal/events.ts'

/** The start of every scripted run. */
export const startMs = Date.UTC(2026, 2, 1, 9, 30, 0)

/** Writes the events of a run down, one after another, as the logs would hold them. */
export class Script {
  readonly events: ChaosEvent[] = []
  #at = startMs

  /** Lets time pass. */
  wait(milliseconds: number): this {
    this.#at += milliseconds
    return this
  }

  get now(): number {
    return this.#at
  }

  add(event: EventBody, head: { file?: string; hypothesis?: string } = {}): this {
    this.events.push({ at: this.#at, ...head, ...event })
    return this
  }

  start(traceLink = 'http://traces.test/trace/{traceId}'): this {
    return this.add({
      type: 'run-started',
      run: '2026-03-01T09-30-00-4f2a',
      version: '0.1.0',
      node: 'v24.0.0',
      platform: 'linux 6.1',
      host: 'builder',
      arguments: ['specs/rollout'],
      traceLink,
    })
  }

  end(verdict: 'held' | 'deviated' | 'failed' | 'not-restored' | 'interrupted', exitCode: number): this {
    return this.add({ type: 'run-ended', verdict, exitCode })
  }

  file(path: string): FileScript {
    const target = { kind: 'lab', name: 'lab', namespace: 'default' } as const
    this.add({ type: 'file-started', target }, { file: path })
    return new FileScript(this, path)
  }
}

export class FileScript {
  readonly script: Script
  readonly path: string

  constructor(script: Script, path: string) {
    this.script = script
    this.path = path
  }

  add(event: EventBody): this {
    this.script.add(event, { file: this.path })
    return this
  }

  hypothesis(id: string, title: string, expected: 'held' | 'deviated' = 'held'): HypothesisScript {
    const traceId = id.padStart(32, '0')
    this.script.add({ type: 'hypothesis-started', title, expected, traceId }, { file: this.path, hypothesis: id })
    return new HypothesisScript(this, id)
  }

  end(): this {
    return this.add({ type: 'file-ended' })
  }
}

export class HypothesisScript {
  readonly #file: FileScript
  readonly id: string

  constructor(file: FileScript, id: string) {
    this.#file = file
    this.id = id
  }

  add(event: EventBody): this {
    this.#file.script.add(event, { file: this.#file.path, hypothesis: this.id })
    return this
  }

  wait(milliseconds: number): this {
    this.#file.script.wait(milliseconds)
    return this
  }

  get now(): number {
    return this.#file.script.now
  }

  enter(phase: Phase): this {
    return this.add({ type: 'phase-started', phase })
  }

  leave(phase: Phase, message?: string): this {
    return this.add({ type: 'phase-ended', phase, ...(message ? { error: { message } } : {}) })
  }

  check(phase: Phase, met: boolean | null = true, message?: string): this {
    return this.enter(phase)
      .look(phase, met, message)
      .leave(phase, met ? undefined : message)
  }

  look(phase: Phase, met: boolean | null, message?: string): this {
    const startedAt = this.now
    const title = 'users of service1 see no errors'
    this.wait(2000)
    return this.add({
      type: 'steady-state-checked',
      title,
      phase,
      met,
      startedAt,
      ...(message ? { error: { message } } : {}),
    })
  }

  setImage(action: string, image: string): this {
    return this.add({
      type: 'action-started',
      action,
      title: `set image of deployment/service2 to ${image}`,
      undo: 'the pod template of deployment/service2 as it was',
      before: { image: 'counter/service2:v1' },
    })
      .wait(100)
      .add({ type: 'action-ended', action, after: { image } })
  }

  users(failed: number, completed: number): this {
    const startedAt = this.now
    this.add({ type: 'traffic-started', traffic: 'users', url: 'http://127.18.67.10/', perSecond: 10 })
    this.wait(10_000)
    const outcomes = { '2xx': completed, ...(failed > 0 ? { '5xx': failed } : {}) }
    this.add({ type: 'traffic-progress', traffic: 'users', outcomes: { '2xx': 90, '5xx': Math.min(failed, 3) } })
    this.wait(10_000)
    return this.add({
      type: 'traffic-ended',
      traffic: 'users',
      startedAt,
      summary: {
        planned: completed + failed,
        completed,
        failed,
        dropped: 0,
        outcomes,
        latencyMs: { p50: 12, p90: 20, p99: failed > 0 ? 1004 : 41, max: 1100 },
      },
    })
  }

  prometheus(result: string, value: number | null): this {
    const to = this.now
    const query = 'svc_responses_total{name="service1"}'
    return this.add({ type: 'prometheus-read', query, from: to - 20_000, to, result, value })
  }

  undone(action: string, status: 'undone' | 'target-gone' | 'failed' = 'undone', by = 'worker'): this {
    const startedAt = this.now
    this.wait(3000)
    return this.add({
      type: 'undo-ended',
      action,
      title: 'the pod template of deployment/service2 as it was',
      status,
      by,
      startedAt,
      ...(status === 'failed' ? { error: { message: 'the API server does not answer' } } : {}),
    })
  }

  rollBack(action: string): this {
    return this.enter('rollback').undone(action).leave('rollback').check('restored')
  }

  held(): this {
    return this.add({ type: 'hypothesis-ended', verdict: 'held', deviated: false })
  }

  deviated(reason: string): this {
    return this.add({ type: 'hypothesis-ended', verdict: 'deviated', deviated: true, reason })
  }
}

/** A hypothesis that holds, from its start to its end. */
export function playHeld(file: FileScript, id: string, title: string): void {
  const hypothesis = file.hypothesis(id, title).check('before').enter('method')
  hypothesis.setImage(`action-${id}`, 'counter/service2:v2')
  hypothesis.add({ type: 'action-progress', subject: 'deployment/service2', message: '1 of 1 pods are updated' })
  hypothesis.users(0, 200).prometheus('0 of 200 (0 %)', 0)
  hypothesis.add({ type: 'finding', title: 'the counter was reset', data: { before: 118, after: 3 } })
  hypothesis.leave('method').check('after').rollBack(`action-${id}`).held()
}

/** A hypothesis that deviates, expected or not. */
export function playDeviated(file: FileScript, id: string, title: string, expected: 'held' | 'deviated'): void {
  const reason = 'expected an error rate below 1 %, but it was 6 % (12 of 200 requests)'
  const hypothesis = file.hypothesis(id, title, expected).check('before').enter('method')
  hypothesis.setImage(`action-${id}`, 'counter/service2:v4').users(12, 188).prometheus('12 of 200 (6 %)', 0.06)
  hypothesis.leave('method', reason).check('after').rollBack(`action-${id}`).deviated(reason)
}
