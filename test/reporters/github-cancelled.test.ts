import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { addFileSpec } from '../support/file-specs.ts'
import { Project, type RunningCommand } from '../support/project.ts'

/**
 * How GitHub's runner cancels a step, and how long it waits each time.
 *
 * @see https://docs.github.com/en/actions/reference/workflow-cancellation-reference
 */
const cancellation = [
  { signal: 'SIGINT', waitMs: 7500 },
  { signal: 'SIGTERM', waitMs: 2500 },
] as const

const spec = `
  hypothesis('it holds', async () => { await setTarget('v2'); reached('acted'); await forever() })
`

/** The undo takes as long as the test likes. */
const slowUndo = `
import { existsSync, writeFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'

export const undoKinds = [
  {
    kind: 'file.text',
    describe: () => 'the text of target.txt as it was',
    async undo({ path, text }) {
      while (!existsSync('go-on')) await delay(50)
      writeFileSync(path, text)
      return 'undone'
    },
  },
]
`

/** A step of a job: the runner writes what `run:` says into a script, and starts a bash on it. */
class Step {
  readonly project = new Project()
  readonly #job = `job-${process.pid}-${Date.now()}`
  #bash: RunningCommand | undefined

  constructor(script: string, undo?: string) {
    addFileSpec(this.project, 'a.chaos.ts', spec, { target: 'lab' })
    this.project.write({ 'step.sh': script, ...(undo === undefined ? {} : { 'actions.ts': undo }) })
  }

  async untilItActed(): Promise<void> {
    this.#bash = this.project.startProgram(['bash', '-e', 'step.sh'], {
      GITHUB_ACTIONS: 'true',
      GITHUB_STEP_SUMMARY: this.project.path('summary.md'),
      RUNNER_TRACKING_ID: this.#job,
      npm_command: undefined,
    })
    await expect.poll(() => existsSync(this.project.path('acted')), { timeout: 100_000 }).toBe(true)
  }

  /** Signals the bash alone, and kills it, alone, when it is still there. */
  async cancel(): Promise<{ exitCode: number | null; signal: NodeJS.Signals | null }> {
    if (!this.#bash) throw new Error('The step was not started.')
    const { process: bash } = this.#bash
    const ended = once(bash, 'exit').then(([exitCode, signal]) => ({ exitCode, signal }))
    for (const { signal, waitMs } of cancellation) {
      bash.kill(signal)
      const end = await Promise.race([ended, delay(waitMs)])
      if (end) return end
    }
    bash.kill('SIGKILL')
    return await ended
  }

  /** The end of the job: the runner kills every process that knows its id. */
  endJob(): void {
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      if (environmentOf(pid).includes(`RUNNER_TRACKING_ID=${this.#job}\0`)) process.kill(Number(pid), 'SIGKILL')
    }
  }

  summary(): string {
    return existsSync(this.project.path('summary.md')) ? this.project.read('summary.md') : ''
  }
}

function environmentOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8')
  } catch {
    return ''
  }
}

test('a step that is cancelled says what was restored, although only its shell is told', async () => {
  const step = new Step('npx --offline chaos-test\n')
  await step.untilItActed()
  await step.cancel()
  // The runner waits for five seconds for whoever still writes into the step's log.
  await expect.poll(() => step.summary(), { timeout: 40_000 }).toContain('**Restored**: 1 action undone')
  expect(step.summary()).toContain('**Interrupted by SIGTERM.**')
  expect(step.project.read('target.txt')).toBe('v1')
}, 180_000)

test('a step whose shell is the command is told at once, and ends by itself', async () => {
  const step = new Step('exec node_modules/.bin/chaos-test\n')
  await step.untilItActed()
  const { exitCode, signal } = await step.cancel()
  expect({ exitCode, signal }).toEqual({ exitCode: 130, signal: null })
  expect(step.summary()).toContain('**Interrupted by SIGINT.**')
  expect(step.summary()).toContain('**Restored**: 1 action undone, nothing is owed.')
  expect(step.project.read('target.txt')).toBe('v1')
}, 180_000)

test('a rollback that takes longer than the job is told as owed, and done after the job', async () => {
  const step = new Step('exec node_modules/.bin/chaos-test\n', slowUndo)
  await step.untilItActed()
  expect(await step.cancel()).toMatchObject({ signal: 'SIGKILL' })
  expect(step.summary()).toContain('**Interrupted by SIGINT.** It is rolling back')
  expect(step.summary()).toContain('**Not restored** (0 actions undone): 1 still owed.')
  step.endJob()
  expect(step.project.read('target.txt')).toBe('v2')
  step.project.write({ 'go-on': '' })
  await expect.poll(() => step.summary(), { timeout: 40_000 }).toContain('**Restored**: 1 action undone')
  expect(step.project.read('target.txt')).toBe('v1')
}, 180_000)
