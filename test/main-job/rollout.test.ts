import { cpSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Project, repository } from '../support/project.ts'

// The main job, as a newcomer runs it: the four rollouts on labs of their own.

interface Trace {
  resourceSpans: Array<{
    resource: { attributes: Array<{ key: string; value: { stringValue?: string } }> }
    scopeSpans: Array<{ spans: Array<{ traceId: string; spanId: string; parentSpanId?: string; name: string }> }>
  }>
}

test('specs/rollout plays the four rollouts of the talk', async () => {
  const project = new Project()
  rmSync(project.path('node_modules'), { recursive: true })
  symlinkSync(join(repository, 'node_modules'), project.path('node_modules'))
  cpSync(join(repository, 'specs'), project.path('specs'), { recursive: true })
  cpSync(join(repository, 'chaos.config.ts'), project.path('chaos.config.ts'))

  const { exitCode, stdout, stderr } = await project.run(['specs/rollout'])
  expect({ exitCode, stderr, stdout }).toMatchObject({ exitCode: 0, stderr: '' })

  const journals = project.experiments()
  expect(
    journals.map(({ status, deviated, experiment }) => [(experiment as { title: string }).title, status, deviated]),
  ).toEqual([
    ['rolling out a new version of service2 is transparent to our users', 'completed', false],
    ['rolling out the same version of service2 is transparent to our users', 'completed', false],
    ['rolling out a slower service2 is transparent to our users', 'completed', true],
    ['an unhealthy version of service2 never reaches our users', 'completed', false],
  ])
  for (const journal of journals) {
    const own = journal['chaos-test'] as Record<string, unknown>
    // What was done is undone and was read back, and users were fine after it.
    expect(own.actions).toMatchObject([{ undo: { status: 'undone', by: 'worker' } }])
    expect(own.restored).toMatchObject({ steady_state_met: true })
    // Every planned request is accounted for, on a method of at least 20 s at ten a second.
    const [method] = own.traffic as Array<{ phase: string; summary: Record<string, number> }>
    expect(method?.phase).toBe('method')
    const { planned = 0, completed = 0, failed = 0, dropped = 0 } = method?.summary ?? {}
    expect(planned).toBeGreaterThanOrEqual(200)
    expect(completed + failed + dropped).toBe(planned)
  }
  const [newVersion, , slower] = journals.map((journal) => journal['chaos-test'] as Record<string, unknown>)
  expect(newVersion?.findings).toMatchObject([{ title: expect.stringContaining('counter was reset') }])
  expect(slower?.prometheus).toMatchObject([{ value: expect.toSatisfy((rate: number) => rate > 0.01) }, {}])

  // A users' request is one trace through both services, as on the talk's slide.
  const traces: Trace = JSON.parse(readFileSync(project.path('.chaos/latest/traces.json'), 'utf8'))
  const spans = traces.resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const service = resource.attributes.find(({ key }) => key === 'service.name')?.value.stringValue
    return scopeSpans.flatMap((scope) => scope.spans.map((span) => ({ ...span, service })))
  })
  expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(spans.length)
  const services = Map.groupBy(spans, ({ traceId }) => traceId)
  const whole = [...services.values()].filter((trace) => new Set(trace.map(({ service }) => service)).size === 3)
  expect(whole.length).toBeGreaterThan(100)

  // The report holds all of it and is small enough to be sent.
  const report = project.read('.chaos/latest/report.html')
  expect(report.length).toBeLessThan(400_000)
  const [, view = '{}'] = /id="view">(.*?)<\/script>/.exec(report) ?? []
  expect(JSON.parse(view)).toMatchObject({ run: { exitCode: 0 }, spans: { kept: spans.length, total: spans.length } })

  await expect.poll(() => project.survivors(), { timeout: 15_000 }).toEqual([])
}, 180_000)
