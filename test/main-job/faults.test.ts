import { cpSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Project, repository } from '../support/project.ts'

// The faults beside the rollouts, as a newcomer runs them: each file on a lab of its own, side by side.

test('a plain rolling update, a dead pod, a drained node and a dependency that is away or slow', async () => {
  const project = new Project()
  rmSync(project.path('node_modules'), { recursive: true })
  symlinkSync(join(repository, 'node_modules'), project.path('node_modules'))
  cpSync(join(repository, 'specs'), project.path('specs'), { recursive: true })
  cpSync(join(repository, 'chaos.config.ts'), project.path('chaos.config.ts'))

  const specs = ['graceful-shutdown', 'pod-kill', 'node-drain', 'dependency-down', 'slow-dependency'].map(
    (name) => `specs/${name}`,
  )
  const { exitCode, stdout, stderr } = await project.run(specs)
  expect({ exitCode, stderr }, stdout).toEqual({ exitCode: 0, stderr: '' })

  const journals = project.experiments()
  const ends = journals.map(({ deviated, experiment }) => [(experiment as { title: string }).title, deviated])
  expect(Object.fromEntries(ends)).toEqual({
    'a rolling update of a server that ends at once loses no request': true,
    'a preStop hook cures it': false,
    'users do not notice that the only pod of service2 dies': true,
    'users hardly notice that one of two pods of service2 dies': false,
    'users do not notice that the node of the only pods is drained': true,
    'users do not notice that a node is drained when there are pods on another': false,
    'users of service1 see no errors while service2 is away': true,
    'users of service1 are told quickly that service2 is away, and its pods are left alone': false,
    'users of service1 do not notice that service2 answers 300 ms later': true,
    'users of service1 do not notice that a third of the requests to service2 fail': true,
    'users of service1 are told after its time-out that service2 hangs, and its pods are left alone': false,
  })
  for (const journal of journals) {
    const { actions, restored } = journal['chaos-test'] as { actions: object[]; restored: object }
    expect(restored).toMatchObject({ steady_state_met: true })
    expect(actions.length).toBeGreaterThan(0)
    for (const action of actions) expect(action).toMatchObject({ undo: { status: 'undone', by: 'worker' } })
  }
}, 400_000)
