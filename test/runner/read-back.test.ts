import type { RequestListener } from 'node:http'
import { describe, expect, test } from 'vitest'
import { spansOfAnswer } from '../../src/runner/otlp-answer.ts'
import { readBack } from '../../src/runner/read-back.ts'
import { addFileSpec } from '../support/file-specs.ts'
import { Project } from '../support/project.ts'
import { attributesOf, resourceSpansOf, startServer } from '../tracing/receiver.ts'

const traceId = '0af7651916cd43dd8448eb211c80319c'
const spanId = 'b7ad6b7169203331'

const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'service1' } }] }
const normal = {
  resource,
  scopeSpans: [
    { scope: {}, spans: [{ traceId, spanId, name: 'fetch', kind: 2, status: { code: 2, message: 'no' }, links: [] }] },
  ],
}
const hexSpan = { traceId, spanId, name: 'fetch', kind: 2, status: { code: 2, message: 'no' } }
const base64Span = {
  ...{ traceId: Buffer.from(traceId, 'hex').toString('base64'), spanId: Buffer.from(spanId, 'hex').toString('base64') },
  ...{ name: 'fetch', kind: 'SPAN_KIND_SERVER', status: { code: 'STATUS_CODE_ERROR', message: 'no' } },
}

test.each([
  ['OTLP by itself', { resourceSpans: [{ resource, scopeSpans: [{ spans: [hexSpan] }] }] }],
  ['Jaeger', { result: { resourceSpans: [{ resource, scopeSpans: [{ spans: [hexSpan] }] }] } }],
  ['Tempo', { trace: { resourceSpans: [{ resource, scopeSpans: [{ spans: [base64Span] }] }] } }],
  ['an older Tempo', { batches: [{ resource, instrumentationLibrarySpans: [{ spans: [base64Span] }] }] }],
])('the answer of %s', (_, answer) => {
  expect(spansOfAnswer(JSON.stringify(answer))).toEqual([normal])
})

test('an answer of several documents, one a line', () => {
  const line = JSON.stringify({ result: { resourceSpans: [{ resource, scopeSpans: [{ spans: [hexSpan] }] }] } })
  expect(spansOfAnswer(`${line}\n${line}\n`)).toEqual([normal, normal])
})

function sourceAt(url: string, withinMs = 5000) {
  return { name: url, url: `${url}/api/v3/traces`, headers: { 'x-scope-orgid': 'shop' }, withinMs }
}

describe('reading back', () => {
  test('waits until the back end has the spans, and for those that come later', async () => {
    const answers = [404, [hexSpan], [hexSpan, { ...hexSpan, spanId: 'c'.repeat(16) }]]
    const asked: unknown[] = []
    const { url } = await startServer((request, response) => {
      asked.push([request.url, request.headers['x-scope-orgid'], request.headers.accept])
      const answer = answers[Math.min(asked.length - 1, 2)]
      if (typeof answer === 'number') response.writeHead(answer).end()
      else response.end(JSON.stringify({ result: { resourceSpans: [{ resource, scopeSpans: [{ spans: answer }] }] } }))
    })
    const { resourceSpans, missing } = await readBack(sourceAt(url, 30_000), [traceId], new Set())
    expect(resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans))).toHaveLength(2)
    expect(missing).toBe(0)
    expect(asked[0]).toEqual([`/api/v3/traces/${traceId}`, 'shop', 'application/json'])
  })

  test('leaves out what is known: our own spans have been sent there, too', async () => {
    const { url } = await startServer((_, response) => {
      response.end(JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans: [hexSpan] }] }] }))
    })
    expect(await readBack(sourceAt(url, 200), [traceId], new Set([spanId]))).toEqual({ resourceSpans: [], missing: 1 })
  })

  const backEnds: Record<string, [RequestListener, string]> = {
    refuses: [(_, response) => void response.writeHead(401).end('who are you?'), 'it answered 401: who are you?'],
    'answers nonsense': [(_, response) => void response.end('<html>'), 'JSON'],
    'breaks off': [({ socket }) => void socket.destroy(), 'other side closed'],
  }
  test.each(Object.entries(backEnds))('ends in time where it %s, and says why', async (_, [listener, why]) => {
    const { url } = await startServer(listener)
    const result = await readBack(sourceAt(url, 300), [traceId], new Set())
    expect(result).toMatchObject({ resourceSpans: [], missing: 1, problem: expect.stringContaining(why) })
  })

  test('ends in time where it hangs', async () => {
    const { url } = await startServer(() => undefined)
    expect(await readBack(sourceAt(url, 300), [traceId], new Set())).toEqual({ resourceSpans: [], missing: 1 })
  })
})

test('a run has the spans of its services in its traces, and says where they could not be had', async () => {
  const { url } = await startServer((request, response) => {
    const id = request.url?.split('/').at(-1) ?? ''
    const span = { ...hexSpan, traceId: id, spanId: 'd'.repeat(16), parentSpanId: id.slice(16) }
    response.end(JSON.stringify({ trace: { resourceSpans: [{ resource, scopeSpans: [{ spans: [span] }] }] } }))
  })
  const project = new Project()
  addFileSpec(project, 'a.chaos.ts', `hypothesis('it holds', () => {})`)
  const configure = (tempo: string, within: string) =>
    project.write({
      'chaos.config.ts': `export default { actions: ['actions.ts'], traces: { readBack: { tempo: '${tempo}', within: '${within}' } } }`,
    })
  configure(url, '20s')
  expect(await project.run([])).toMatchObject({ exitCode: 0 })
  const groups = resourceSpansOf([JSON.parse(project.read('.chaos/latest/traces.json'))])
  const services = groups.map((group) => attributesOf(group.resource)['service.name'])
  expect(services).toEqual(expect.arrayContaining(['chaos-test', 'service1']))

  configure('http://127.0.0.1:9', '200ms')
  const { exitCode, stdout } = await project.run([])
  expect(exitCode).toBe(0)
  expect(stdout.replace(/\s+/g, ' ')).toContain('No spans of services could be read from http://127.0.0.1:9: ')
})
