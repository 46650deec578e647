import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { PrometheusClient } from '../../src/prometheus/client.ts'
import { singleValue } from '../../src/prometheus/single-value.ts'
import type { TransportOptions } from '../../src/prometheus/transport.ts'
import { START, serveSamples } from './prometheus-api.ts'

/** A server that answers each request by the next of the listeners, and all later ones by the last. */
async function clientOf(listeners: RequestListener[], options: TransportOptions = {}): Promise<PrometheusClient> {
  const server = createServer((request, response) => {
    const listener = listeners.length > 1 ? listeners.shift() : listeners[0]
    listener?.(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return new PrometheusClient(`http://127.0.0.1:${port}/prefix/`, options)
}

const answering =
  (status: number, body: unknown): RequestListener =>
  (_, response) =>
    response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body))
const hangingUp: RequestListener = (request) => request.socket.destroy()
const silent: RequestListener = () => {}

const result = (resultType: string, value: unknown) => ({ status: 'success', data: { resultType, result: value } })
const vector = (...values: string[]) =>
  result(
    'vector',
    values.map((value, i) => ({ metric: { __name__: 'm', n: `${i}` }, value: [1, value] })),
  )
const inconclusive = (code: string) => expect.objectContaining({ code, verdict: 'inconclusive' })

describe('a server that does not answer as it should', () => {
  it('asks again after a 5xx and after a broken connection', async () => {
    const client = await clientOf([answering(503, 'busy'), hangingUp, answering(200, vector('7'))])
    expect(await client.valuesAt('m', START)).toEqual([{ labels: { __name__: 'm', n: '0' }, value: 7 }])
  })

  it.each([
    ['a 5xx', answering(503, 'busy'), 10_000, 'it answered 503: busy'],
    ['a broken connection', hangingUp, 10_000, 'other side closed'],
    ['silence', silent, 40, 'it did not answer within 40 ms'],
  ])('gives up after %s that goes on', async (_, listener, timeoutMs, why) => {
    const client = await clientOf([listener], { retryForMs: 100, timeoutMs })
    const read = client.query('m', START)
    await expect(read).rejects.toThrow(inconclusive('CHAOS_PROMETHEUS_UNREACHABLE'))
    await expect(read).rejects.toThrow(why)
  })

  it('names the address where nobody listens, and what to do', async () => {
    const client = new PrometheusClient('http://127.0.0.1:1', { retryForMs: 0 })
    await expect(client.query('m', START)).rejects.toThrow(
      /^Prometheus at http:\/\/127\.0\.0\.1:1 could not be read.*ECONNREFUSED.*chaos\.config\.ts/,
    )
  })

  it('stops at once when it is told to', async () => {
    const stop = new AbortController()
    const client = await clientOf([silent], { signal: stop.signal })
    const read = client.query('m', START)
    stop.abort(new Error('the hypothesis is over'))
    await expect(read).rejects.toThrow('the hypothesis is over')
  })

  it.each([
    ['no JSON', answering(200, '<html>')],
    ['another JSON', answering(404, { message: 'no such page' })],
    ['another result', answering(200, { status: 'success', data: { resultType: 'vector', result: [{}] } })],
  ])('takes %s for no Prometheus', async (_, listener) => {
    const client = await clientOf([listener])
    await expect(client.query('m', START)).rejects.toThrow(inconclusive('CHAOS_PROMETHEUS_BAD_ANSWER'))
  })

  it('hands on why a query was refused', async () => {
    const client = await clientOf([answering(400, { status: 'error', errorType: 'bad_data', error: '1:3: nonsense' })])
    await expect(client.query('m(', START)).rejects.toThrow('refused the query m(: 1:3: nonsense (bad_data)')
    await expect(client.query('m(', START)).rejects.toThrow(inconclusive('CHAOS_PROMETHEUS_QUERY'))
  })

  it('takes a warning for a doubt in the answer', async () => {
    const client = await clientOf([answering(200, { ...vector('1'), warnings: ['a store did not answer'] })])
    await expect(client.query('m', START)).rejects.toThrow(inconclusive('CHAOS_PROMETHEUS_WARNINGS'))
    await expect(client.query('m', START)).rejects.toThrow('a store did not answer')
  })
})

describe('a single number', () => {
  it.each([
    ['a scalar', result('scalar', [1, '2.5']), 2.5],
    ['a single series', vector('3'), 3],
    ['infinity', vector('+Inf'), Number.POSITIVE_INFINITY],
    ['nothing', vector(), 'CHAOS_PROMETHEUS_NO_DATA'],
    ['several series', vector('1', '2'), 'CHAOS_PROMETHEUS_SEVERAL_SERIES'],
    ['NaN', vector('NaN'), 'CHAOS_PROMETHEUS_NAN'],
    ['a matrix', result('matrix', []), 'CHAOS_PROMETHEUS_NO_NUMBER'],
    ['a string', result('string', [1, 'text']), 'CHAOS_PROMETHEUS_NO_NUMBER'],
  ])('%s', async (_, body, expected) => {
    const read = singleValue(await clientOf([answering(200, body)]), 'm', START)
    if (typeof expected === 'number') expect(await read).toBe(expected)
    else await expect(read).rejects.toThrow(inconclusive(expected))
  })
})

it('reads samples with both edges of the time, left-open as ranges are', async () => {
  const server = await serveSamples()
  onTestFinished(() => server.close())
  server.write({ __name__: 'm' }, 0, [0, 1, 2, 3, 4])
  const series = await server.client.samples('m', START + 1000, START + 3000)
  expect(series.map(({ samples }) => samples.map(({ value }) => value))).toEqual([[1, 2, 3]])
})

describe('a server whose clock is another', () => {
  it.each([3_600_000, -3_600_000])('%d ms ahead: all times are those of this machine', async (aheadMs) => {
    const server = await serveSamples({ aheadMs })
    onTestFinished(() => server.close())
    server.write({ __name__: 'm' }, 0, [0, 1, 2, 3, 4])
    await server.client.matchClock()
    const apart = server.client.aheadMs
    expect(Math.abs(apart - aheadMs)).toBeLessThan(60_000)
    // What it has at START is, here, from so long before.
    const [series] = await server.client.samples('m', START - apart + 1000, START - apart + 3000)
    expect(series?.samples.map(({ at, value }) => [at - START + apart, value])).toEqual([
      [1000, 1],
      [2000, 2],
      [3000, 3],
    ])
    expect(await server.client.valuesAt('m', START - apart + 2000)).toMatchObject([{ value: 2 }])
    expect(await server.client.series('m', START - apart, START - apart + 4000)).toHaveLength(1)
  })

  it('is the same clock on the same machine, and of one that cannot tell its time', async () => {
    const same = await serveSamples()
    onTestFinished(() => same.close())
    await same.client.matchClock()
    expect(same.client.aheadMs).toBe(0)
    const mute = await clientOf([answering(400, { status: 'error', errorType: 'bad_data', error: 'unknown function' })])
    await mute.matchClock()
    expect(mute.aheadMs).toBe(0)
  })
})
