import { describe, expect, test } from 'vitest'
import { startServer } from '../tracing/receiver.ts'
import { addressOf, fetchText, freePort, startBoth, startService } from './services.ts'

describe('service2', () => {
  test('counts from 0, and says which version it is', async () => {
    const { url } = await startService('service2', { VERSION: 'v2' })
    const answers = [await fetchText(url), await fetchText(url)]
    expect(answers.map(({ status, body }) => [status, JSON.parse(body)])).toEqual([
      [200, { svc: 'service2', version: 'v2', last: 0 }],
      [200, { svc: 'service2', version: 'v2', last: 1 }],
    ])
  })

  test.each([
    ['v1', 200],
    ['v2', 200],
    ['v3', 500],
    ['v4', 200],
  ])('%s answers %i to /health', async (version, status) => {
    const { url } = await startService('service2', { VERSION: version })
    expect((await fetchText(`${url}/health`)).status).toBe(status)
  })

  test('v4 takes two seconds', async () => {
    const { url } = await startService('service2', { VERSION: 'v4' })
    const before = performance.now()
    expect(JSON.parse((await fetchText(url)).body)).toEqual({ svc: 'service2', version: 'v4', last: 0 })
    expect(performance.now() - before).toBeGreaterThan(1950)
  })
})

describe('service1', () => {
  test('hands on the count of service2', async () => {
    const { service1 } = await startBoth()
    const { status, body } = await fetchText(service1.url)
    expect(status).toBe(200)
    const { timestamp, ...rest } = JSON.parse(body)
    expect(rest).toEqual({ svc: 'service1', version: 'v1', count: 0 })
    expect(Math.abs(timestamp - Date.now() / 1000)).toBeLessThan(5)
    expect(JSON.parse((await fetchText(service1.url)).body).count).toBe(1)
  })

  test('asks over a new connection for each request', async () => {
    let connections = 0
    const { url, server } = await startServer((_, response) => response.end('{"last":7}'))
    server.on('connection', () => connections++)
    const service1 = await startService('service1', addressOf({ port: Number(new URL(url).port) }))
    for (let n = 0; n < 3; n++) expect((await fetchText(service1.url)).status).toBe(200)
    expect(connections).toBe(3)
  })

  test('answers 500 after a second when service2 is slow', async () => {
    const { service1 } = await startBoth({ version: 'v4' })
    const before = performance.now()
    const { status, body } = await fetchText(service1.url)
    expect(status).toBe(500)
    expect(JSON.parse(body)).toMatchObject({ svc: 'service1', error: 'service2 did not answer within 1000 ms' })
    expect(performance.now() - before).toBeLessThan(1900)
  })

  test('answers 500 when service2 fails, is not there, or talks nonsense', async () => {
    const behind = async (port: number) => fetchText((await startService('service1', addressOf({ port }))).url)
    const failing = await startServer((_, response) => response.writeHead(503).end())
    const nonsense = await startServer((_, response) => response.end('hello'))
    const countless = await startServer((_, response) => response.end('{}'))
    for (const { url } of [failing, nonsense, countless]) {
      expect(await behind(Number(new URL(url).port))).toMatchObject({ status: 500 })
    }
    expect(await behind(await freePort())).toMatchObject({ status: 500 })
  })
})

describe('/metrics', () => {
  test('has every series from the start', async () => {
    const { url } = await startService('service1', { VERSION: 'v2' })
    const { status, headers, body } = await fetchText(`${url}/metrics`)
    expect(status).toBe(200)
    expect(headers['content-type']).toContain('version=0.0.4')
    expect(samplesOf(body)).toEqual([
      'counter{name="service1",version="v2",host="service1-pod"} 0',
      'svc_requests_total{path="/",method="GET",name="service1",version="v2",host="service1-pod"} 0',
      'svc_responses_total{path="/",method="GET",status_code="200",name="service1",version="v2",host="service1-pod"} 0',
      'svc_responses_total{path="/",method="GET",status_code="500",name="service1",version="v2",host="service1-pod"} 0',
    ])
  })

  test('counts what users asked, and no probe or scrape', async () => {
    const { service1, service2 } = await startBoth()
    await fetchText(service1.url)
    await fetchText(service1.url)
    service2.process.kill('SIGKILL')
    await service2.exited
    await fetchText(service1.url)
    await fetchText(`${service1.url}/health`)
    await fetchText(`${service1.url}/nowhere`)
    const samples = samplesOf((await fetchText(`${service1.url}/metrics`)).body)
    expect(samples.map((sample) => sample.replace(/name="service1",version="v1",host="service1-pod"/, '…'))).toEqual([
      'counter{…} 1',
      'svc_requests_total{path="/",method="GET",…} 3',
      'svc_responses_total{path="/",method="GET",status_code="200",…} 2',
      'svc_responses_total{path="/",method="GET",status_code="500",…} 1',
    ])
  })
})

function samplesOf(metrics: string): string[] {
  return metrics
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .toSorted()
}
