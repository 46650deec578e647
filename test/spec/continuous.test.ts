import { expect, test } from 'vitest'
import { addFileSpec, type FileSpecOptions } from '../support/file-specs.ts'
import { Project } from '../support/project.ts'

async function play(spec: string, options: FileSpecOptions = {}) {
  const project = new Project()
  addFileSpec(project, 'a.chaos.ts', spec, options)
  const { exitCode, stdout } = await project.run([])
  const [journal] = project.experiments() as {
    steady_states: { during: { steady_state_met: boolean | null }[]; after: unknown }
  }[]
  const during = journal?.steady_states.during.map((check) => check.steady_state_met) ?? []
  return { exitCode, stdout: stdout.replace(/\s+/g, ' '), during, journal, target: project.read('target.txt') }
}

/** Watches the text of the target, and lets the method wait until it was looked at with some text. */
const watching = (options: string) => `
  const seen = new Set<string>()
  const lookedAt = async (text: string) => {
    while (!seen.has(text)) await new Promise((resolve) => setTimeout(resolve, 5))
  }
  beforeAll(() => steadyState('the text is v1', () => {
    seen.add(readTarget())
    expect(readTarget()).toBe('v1')
  }, ${options}))
`

test('what held all the time holds, and the journal has each look', async () => {
  const { exitCode, during } = await play(`${watching(`{ continuously: '20ms', abort: true }`)}
    hypothesis('nothing happens', async () => {
      seen.clear()
      await lookedAt('v1')
    })
  `)
  expect(exitCode).toBe(0)
  expect(new Set(during)).toEqual(new Set([true]))
})

test('what was gone meanwhile deviates, although it came back before the method ended', async () => {
  const { exitCode, during, stdout, journal } = await play(`${watching(`{ continuously: '20ms' }`)}
    hypothesis('a new text is fine', async () => {
      await setTarget('v2')
      await lookedAt('v2')
      await setTarget('v1')
      seen.clear()
      await lookedAt('v1')
      finding('the method went on to its end')
    })
  `)
  expect(exitCode).toBe(1)
  expect(during).toContain(false)
  expect(during.at(-1)).toBe(true)
  expect(stdout).toContain('While the method ran, "the text is v1": expected')
  expect(stdout).toContain('the method went on to its end')
  expect(journal?.steady_states.after).toMatchObject({ steady_state_met: true })
})

test('abort ends the method at once, refuses what it would do next, and the target is put back', async () => {
  const { exitCode, stdout, target, journal } = await play(`${watching(`{ continuously: '20ms', abort: true }`)}
    hypothesis('a new text is fine', async ({ signal }) => {
      await setTarget('v2')
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
      await setTarget('v3').catch((error) => console.log(error.code))
      await forever()
    })
  `)
  expect({ exitCode, target }).toEqual({ exitCode: 1, target: 'v1' })
  expect(stdout).toContain('While the method ran, "the text is v1"')
  expect(stdout).toContain('CHAOS_ACTION_REFUSED')
  expect(journal?.steady_states.after).toBeNull()
})

test('a guard that cannot measure ends the method, too: inconclusive', async () => {
  const blind = `
    import { prometheus } from 'chaos-test'
    const looks: string[] = []
    beforeAll(() => steadyState('somebody calls', async () => {
      if (looks.push('') > 1) await prometheus.query('vector(1) unless vector(1)')
    }, { continuously: '20ms', abort: true }))
    hypothesis('it goes on for ever', async () => { await forever() })
  `
  const { exitCode, stdout } = await play(blind, { target: 'lab' })
  expect(stdout).toMatch(/CHAOS_PROMETHEUS_/)
  expect(exitCode).toBe(4)
})

test('abort without anything that could abort is a mistake', async () => {
  const { exitCode, stdout } = await play(`${watching(`{ abort: true }`)}
    hypothesis('nothing happens', async () => {})
  `)
  expect(exitCode).toBe(5)
  expect(stdout).toContain(`Add continuously: '1s'.`)
})
