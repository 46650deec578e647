import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import type { OtlpTraces } from '../../src/tracing/provider.ts'
import { addFileSpec } from '../support/file-specs.ts'
import { Project } from '../support/project.ts'
import { attributesOf, ERROR, type OtlpSpan, spansOf } from '../tracing/receiver.ts'

/** Plays a spec on a file. @returns all spans, and the trace of a hypothesis as a tree of names */
async function play(hypotheses: string) {
  const project = new Project()
  addFileSpec(project, 'a.chaos.ts', hypotheses, { target: 'lab' })
  const { exitCode } = await project.run([])
  const spans = spansOf([JSON.parse(project.read('.chaos/latest/traces.json')) as OtlpTraces])
  const named = (name: string) => {
    const span = spans.find((candidate) => candidate.name === name)
    if (!span) throw new Error(`There is no span "${name}" among: ${spans.map((each) => each.name).join(', ')}`)
    return span
  }
  return { exitCode, project, spans, named, tree: treeOf(spans, named('it holds')) }
}

type Tree = [name: string, ...children: Tree[]]

function treeOf(spans: readonly OtlpSpan[], { name, spanId }: OtlpSpan): Tree {
  const children = spans.filter(({ parentSpanId }) => parentSpanId === spanId)
  const inOrder = children.toSorted((a, b) => Number(BigInt(a.startTimeUnixNano) - BigInt(b.startTimeUnixNano)))
  return [name, ...inOrder.map((child) => treeOf(spans, child))]
}

test('the trace of a hypothesis has all that was done, in its phases', async () => {
  const { tree, named, exitCode } = await play(`
    beforeAll(() => steadyState('the target can be read', () => { expect(readTarget()).not.toBe('') }))
    hypothesis('it holds', async () => { await setTarget('v2') })
  `)
  expect(exitCode).toBe(0)
  const check: Tree = ['steady state: the target can be read']
  expect(tree).toEqual([
    'it holds',
    ['steady state before the method'],
    ['method', ['write v2']],
    ['steady state after the method', check],
    ['rollback', ['undo: the text of target.txt as it was']],
    ['steady state after the rollback', check],
  ])
  expect(attributesOf(named('it holds'))).toMatchObject({
    'test.case.name': 'it holds',
    'test.suite.name': 'a.chaos.ts',
    'test.case.result.status': 'pass',
    'chaos_test.verdict': 'held',
    'chaos_test.deviated': false,
    'k8s.namespace.name': 'default',
  })
  expect(attributesOf(named('undo: the text of target.txt as it was'))).toMatchObject({
    'chaos_test.activity': 'undo',
    'chaos_test.undo.kind': 'file.text',
    'chaos_test.undo.by': 'worker',
  })
  // What the first check of a file told is in a trace of its own, which the experiment refers to.
  const [first] = named('steady state before the method').links
  expect(first?.traceId).not.toBe(named('it holds').traceId)
})

test('what went wrong is an error, up to the experiment', async () => {
  const { named, exitCode } = await play(`
    hypothesis('it holds', async () => {
      await perform({ kind: 'file.text', args: { path, text: 'v1' } }, { title: 'break' }, async () => { throw new Error('broken') })
    })
  `)
  expect(exitCode).toBe(5)
  for (const name of ['break', 'method', 'it holds']) {
    expect(named(name).status).toEqual({ code: ERROR, message: 'broken' })
  }
  expect(named('rollback').status.code).not.toBe(ERROR)
  expect(attributesOf(named('it holds'))).toMatchObject({
    'test.case.result.status': 'fail',
    'chaos_test.verdict': 'failed',
  })
})

test('a documented weakness fails its phase, and not the experiment', async () => {
  const { named } = await play(`hypothesis.deviates('it holds', async () => { expect(readTarget()).toBe('v2') })`)
  expect(named('method').status.code).toBe(ERROR)
  expect(named('it holds').status.code).not.toBe(ERROR)
  expect(attributesOf(named('it holds'))).toMatchObject({
    'test.case.result.status': 'pass',
    'chaos_test.deviated': true,
  })
})

test('the experiment and its requests refer to each other', async () => {
  const server = createServer((request, response) => {
    response.statusCode = request.url === '/?bad' ? 503 : 200
    response.end()
  }).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await new Promise((resolve) => server.once('listening', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/?bad`
  const { named, spans } = await play(`
    import { traffic } from 'chaos-test'
    hypothesis('it holds', async () => { await traffic({ url: '${url}', rate: '20/s' }).for('500ms') })
  `)
  const experiment = named('it holds')
  const requests = spans.filter(({ kind }) => kind === 3)
  expect(requests).toHaveLength(10)
  for (const request of requests) {
    expect(request.links).toMatchObject([{ traceId: experiment.traceId }])
    expect(attributesOf(request)).toMatchObject({ 'error.type': '503', 'http.response.status_code': 503 })
  }
  const linked = experiment.links.map(({ spanId }) => spanId)
  expect(linked.length).toBeGreaterThan(0)
  expect(requests.map(({ spanId }) => spanId)).toEqual(expect.arrayContaining(linked))
})

test('an undo by the command is in the trace of a worker that died, which is whole', async () => {
  const { tree, named } = await play(`
    hypothesis('it holds', async () => { await setTarget('v2'); process.kill(process.pid, 'SIGKILL'); await forever() })
  `)
  const names = tree.flat(4)
  expect(names).toEqual(expect.arrayContaining(['it holds', 'method', 'undo: the text of target.txt as it was']))
  expect(attributesOf(named('undo: the text of target.txt as it was'))).toMatchObject({
    'chaos_test.undo.by': 'command',
  })
  expect(named('it holds').status.code).toBe(ERROR)
})
