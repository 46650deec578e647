import { expect, test } from 'vitest'
import { addFileSpec, type FileSpecOptions } from '../support/file-specs.ts'
import { Project } from '../support/project.ts'

async function play(hypotheses: string, options: FileSpecOptions = {}) {
  const project = new Project()
  addFileSpec(project, 'a.chaos.ts', hypotheses, options)
  const result = await project.run([])
  const journals = project.experiments().map((journal) => ({
    status: journal.status,
    deviated: journal.deviated,
    verdict: (journal['chaos-test'] as Record<string, unknown>).verdict,
  }))
  return { ...result, project, journals, target: project.read('target.txt') }
}

test('held: exit 0, and the target is as it was', async () => {
  const { exitCode, journals, target, stdout } = await play(`
    beforeAll(() => steadyState('the target can be read', () => { expect(readTarget()).not.toBe('') }))
    hypothesis('a new text is fine', async () => {
      await setTarget('v2')
      finding('the text was changed', { to: readTarget() })
      expect(readTarget()).toBe('v2')
    })
    afterAll(rollback)
  `)
  expect(stdout).toContain('the text was changed')
  expect({ exitCode, journals, target }).toEqual({
    exitCode: 0,
    journals: [{ status: 'completed', deviated: false, verdict: 'held' }],
    target: 'v1',
  })
})

test('deviated: exit 1 when an assertion fails, and the target is put back', async () => {
  const { exitCode, journals, target } = await play(`
    hypothesis('a new text is fine', async () => {
      await setTarget('v2')
      expect(readTarget()).toBe('v1')
    })
  `)
  expect({ exitCode, journals, target }).toEqual({
    exitCode: 1,
    journals: [{ status: 'completed', deviated: true, verdict: 'deviated' }],
    target: 'v1',
  })
})

test('deviated: exit 1 when the steady state is gone after the method', async () => {
  const { exitCode, stdout } = await play(`
    beforeAll(() => steadyState('the text is v1', () => { expect(readTarget()).toBe('v1') }))
    hypothesis('a new text is fine', async () => { await setTarget('v2') })
  `)
  expect(exitCode).toBe(1)
  expect(stdout.replace(/\s+/g, ' ')).toContain('After the method, the steady state was gone: "the text is v1"')
})

test('a documented weakness that shows is exit 0, and the journal keeps the fact', async () => {
  const { exitCode, journals } = await play(`
    hypothesis.deviates('a new text is fine', async () => { expect(readTarget()).toBe('v2') })
  `)
  expect({ exitCode, journals }).toEqual({
    exitCode: 0,
    journals: [{ status: 'completed', deviated: true, verdict: 'held' }],
  })
})

test('a documented weakness that does not show is exit 1', async () => {
  const { exitCode, stdout } = await play(`hypothesis.deviates('all is well', async () => {})`)
  expect(exitCode).toBe(1)
  expect(stdout).toContain('CHAOS_WEAKNESS_GONE')
})

test('a broken action inside hypothesis.deviates is no documented weakness', async () => {
  const { exitCode } = await play(`hypothesis.deviates('broken', async () => { throw new TypeError('broken') })`)
  expect(exitCode).toBe(5)
})

test('unsteady: exit 3, and nothing may act', async () => {
  const { exitCode, journals, target } = await play(`
    beforeAll(async () => {
      await steadyState('the text is v9', () => { expect(readTarget()).toBe('v9') })
      await setTarget('v2').catch(() => {})
    })
    hypothesis('one', async () => { await setTarget('v2') })
    hypothesis('two', async () => { await setTarget('v2') })
    afterAll(rollback)
  `)
  const unsteady = { status: 'failed', deviated: false, verdict: 'unsteady' }
  expect({ exitCode, journals, target }).toEqual({ exitCode: 3, journals: [unsteady, unsteady], target: 'v1' })
})

test('inconclusive: exit 4 when there are no data', async () => {
  const noData = `
    import { prometheus } from 'chaos-test'
    hypothesis('no data', async () => {
      const now = Date.now()
      await prometheus.counter('nothing_total', { name: 'nobody' }).during({ startedAt: now - 5000, endedAt: now }).errorRate({ code: /5../ })
    })
  `
  const { exitCode, stdout } = await play(noData, { target: 'lab' })
  expect(stdout).toMatch(/CHAOS_PROMETHEUS_/)
  expect(exitCode).toBe(4)
})

test('failed: exit 5 when something breaks that is no assertion', async () => {
  const { exitCode, journals, target } = await play(`
    hypothesis('broken', async () => {
      await setTarget('v2')
      throw new TypeError('a broken probe')
    })
  `)
  expect({ exitCode, journals, target }).toEqual({
    exitCode: 5,
    journals: [{ status: 'failed', deviated: false, verdict: 'failed' }],
    target: 'v1',
  })
})

test('failed: exit 5 when a deployment does not exist', async () => {
  const noDeployment = `
    import { kubernetes } from 'chaos-test'
    hypothesis('no deployment', async () => { await kubernetes.deployment('servce2').restart() })
  `
  const { exitCode, stdout } = await play(noDeployment, { target: 'lab' })
  expect(exitCode).toBe(5)
  expect(stdout).toContain('CHAOS_NO_SUCH_DEPLOYMENT')
})

test('failed: exit 5 when beforeAll throws, for each hypothesis that it kept from being played', async () => {
  const { exitCode, journals } = await play(`
    beforeAll(() => { throw new Error('no setup today') })
    hypothesis('one', async () => {})
    hypothesis('two', async () => {})
  `)
  const failed = { status: 'failed', deviated: false, verdict: 'failed' }
  expect({ exitCode, journals }).toEqual({ exitCode: 5, journals: [failed, failed] })
})

test('failed: a hypothesis that takes too long is ended, and its late action refused', async () => {
  const { exitCode, target, stdout } = await play(`
    hypothesis('hangs', { timeout: '300ms' }, async ({ signal }) => {
      await setTarget('v2')
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
      await setTarget('v3').catch((error) => console.log(error.code))
    })
    hypothesis('the next one finds the target as it was', async () => { expect(readTarget()).toBe('v1') })
  `)
  expect({ exitCode, target }).toEqual({ exitCode: 5, target: 'v1' })
  expect(stdout).toContain('CHAOS_HYPOTHESIS_TIMEOUT')
  expect(stdout).toContain('CHAOS_ACTION_REFUSED')
})

test('not restored: exit 6 when an undo fails, and recover undoes it later', async () => {
  const project = new Project()
  addFileSpec(project, 'a.chaos.ts', `hypothesis('locks itself', async () => { await setTarget('locked') })`)
  project.write({ 'chaos.config.ts': `export default { actions: ['actions.ts'], timeouts: { rollback: '500ms' } }` })
  const { exitCode, stdout } = await project.run([])
  expect(exitCode).toBe(6)
  expect(stdout).toContain('chaos-test recover')

  const listed = await project.run(['recover', '--list'])
  expect(listed.stdout).toContain('the text of target.txt as it was')
  project.write({ 'target.txt': 'v2' })
  const recovered = await project.run(['recover'])
  expect(recovered).toMatchObject({ exitCode: 0 })
  expect(project.read('target.txt')).toBe('v1')
  expect((await project.run(['recover'])).stdout).toContain('Nothing is owed.')
})

test('what beforeAll did is undone after the last hypothesis, also without afterAll(rollback)', async () => {
  const { exitCode, target } = await play(`
    beforeAll(async () => { await setTarget('v2') })
    hypothesis('one', async () => { expect(readTarget()).toBe('v2'); await setTarget('v3') })
    hypothesis('two', async () => { expect(readTarget()).toBe('v2') })
  `)
  expect({ exitCode, target }).toEqual({ exitCode: 0, target: 'v1' })
})

test('failed: exit 5 when a hook breaks around a hypothesis that held', async () => {
  const after = await play(`
    import { afterEach } from 'chaos-test'
    hypothesis('one', async () => {})
    afterEach(() => { throw new Error('no clean-up today') })
  `)
  expect({ exitCode: after.exitCode, journals: after.journals }).toEqual({
    exitCode: 5,
    journals: [{ status: 'failed', deviated: false, verdict: 'failed' }],
  })
  const last = await play(`
    hypothesis('one', async () => {})
    afterAll(() => { throw new Error('no end today') })
  `)
  expect(last.exitCode).toBe(5)
})

test('failed: exit 5 when a rejection is handled by nobody', async () => {
  const { exitCode, stdout } = await play(`
    hypothesis('one', async () => { void Promise.reject(new Error('nobody listens')) })
  `)
  expect(exitCode).toBe(5)
  expect(stdout).toContain('nobody listens')
})

test('usage: exit 2 when every hypothesis is filtered out', async () => {
  const project = new Project()
  addFileSpec(project, 'a.chaos.ts', `hypothesis('one', async () => {})`)
  const { exitCode, stderr } = await project.run(['-t', 'two'])
  expect(exitCode).toBe(2)
  expect(stderr).toContain('[CHAOS_NO_HYPOTHESES]')
})

test('unsteady: exit 3 when beforeAll itself disturbs the steady state that it has checked', async () => {
  const { exitCode, target } = await play(`
    beforeAll(async () => {
      await steadyState('the text is v1', () => { expect(readTarget()).toBe('v1') })
      await setTarget('v2')
    })
    hypothesis('one', async () => {})
  `)
  expect({ exitCode, target }).toEqual({ exitCode: 3, target: 'v1' })
})

test('the line is told in which an assertion failed, an action refused, or a hypothesis stands that held', async () => {
  const project = new Project({
    'a.chaos.ts': [
      `import { expect, hypothesis, traffic } from 'chaos-test'`,
      `interface Answer { value: number }`,
      `hypothesis('held', async () => {})`,
      `hypothesis('deviated', async () => {`,
      `  const answer: Answer = { value: 1 }`,
      `  expect(answer.value)`,
      `    .toBe(2)`,
      `})`,
      `hypothesis('failed in a helper', async () => { await helper() })`,
      `async function helper(): Promise<void> {`,
      `  await traffic({ url: 'http://127.0.0.1:1/', rate: 'fast' as '1/s' }).for('1s')`,
      `}`,
    ].join('\n'),
  })
  const { stdout } = await project.run([])
  const lines = project.experiments().map((journal) => (journal['chaos-test'] as Record<string, unknown>).line)
  expect(lines.sort()).toEqual([11, 3, 7])
  for (const line of lines) expect(stdout).toContain(`spec        a.chaos.ts:${line}`)
})
