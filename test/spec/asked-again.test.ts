import { expect, test } from 'vitest'
import { addFileSpec } from '../support/file-specs.ts'
import { Project } from '../support/project.ts'

/** A steady state of users of a server that is not asked for anything: too few requests to tell, `untold` times. */
const untold = (times: number) => `
  import { createServer } from 'node:http'
  import { once } from 'node:events'
  import { traffic } from 'chaos-test'

  let looks = 0
  beforeAll(async () => {
    const server = createServer((_, response) => response.end()).listen(0, '127.0.0.1').unref()
    await once(server, 'listening')
    const users = traffic({ url: 'http://127.0.0.1:' + server.address().port, rate: '50/s' })
    await steadyState('users see hardly an error', async () => {
      looks += 1
      expect(await users.for(looks > ${times} ? '200ms' : '20ms')).toHaveErrorRateBelow('20%')
    })
  })
  hypothesis('is played', async () => finding('looks', looks))
`

async function play(spec: string) {
  const project = new Project()
  addFileSpec(project, 'a.chaos.ts', spec)
  const { exitCode, stdout } = await project.run([])
  const [journal] = project.experiments() as { 'chaos-test': { findings: { data: unknown }[] } }[]
  return { exitCode, stdout: stdout.replace(/\s+/g, ' '), looks: journal?.['chaos-test'].findings[0]?.data }
}

test('a steady state that could not be told is asked again, and a notice says so', async () => {
  const { exitCode, looks, stdout } = await play(untold(2))
  expect({ exitCode, looks }).toEqual({ exitCode: 0, looks: 3 })
  expect(stdout).toMatch(/Could not be told, so asked again: "users see hardly an error":/)
})

test('one that can never be told is inconclusive, and nothing is done', async () => {
  const { exitCode, looks } = await play(untold(99))
  expect({ exitCode, looks }).toEqual({ exitCode: 4, looks: undefined })
})
