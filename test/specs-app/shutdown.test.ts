import { describe, expect, test } from 'vitest'
import { startServer } from '../tracing/receiver.ts'
import { fetchText, startService } from './services.ts'

describe('on SIGTERM', () => {
  test('a service goes on serving, finishes what is in flight and exits with 0', async () => {
    const { url, process: child, exited } = await startService('service2', { VERSION: 'v4', DRAIN_MS: '500' })
    const asked = performance.now()
    const inFlight = [fetchText(url)]
    child.kill('SIGTERM')
    // New requests, over new connections, until the drain is over.
    while (performance.now() - asked < 300) {
      const health = await fetchText(`${url}/health`)
      expect(health.status).toBe(200)
      inFlight.push(fetchText(url))
    }
    const answers = await Promise.all(inFlight)
    expect(answers.length).toBeGreaterThan(1)
    expect(answers.every(({ status }) => status === 200)).toBe(true)
    expect(await exited).toBe(0)
    await expect(fetchText(url)).rejects.toThrow('ECONNREFUSED')
  })

  test('no connection is kept that would bind its user to a pod that ends', async () => {
    const { url, process: child, exited } = await startService('service2', { DRAIN_MS: '1000' })
    const kept = () => fetch(`${url}/health`).then(({ headers }) => headers.get('connection'))
    expect(await kept()).toBe('keep-alive')
    child.kill('SIGTERM')
    await expect.poll(kept).toBe('close')
    expect(await exited).toBe(0)
  })

  test('a collector that hangs does not hold it up', async () => {
    const { url } = await startServer(() => {})
    const service = await startService('service2', { DRAIN_MS: '0', OTEL_EXPORTER_OTLP_ENDPOINT: url })
    expect((await fetchText(service.url)).status).toBe(200)
    const before = performance.now()
    service.process.kill('SIGTERM')
    expect(await service.exited).toBe(0)
    expect(performance.now() - before).toBeLessThan(2500)
  })
})
