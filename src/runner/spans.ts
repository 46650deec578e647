import { appendFileSync } from 'node:fs'
import { request } from 'undici'

/**
 * Keeps the spans that the services have sent to the lab's receiver. Spans are for looking at: when they cannot be had,
 * the run goes on without them.
 */
export async function collectServiceSpans(otlpUrl: string, path: string): Promise<void> {
  try {
    const { body, statusCode } = await request(`${otlpUrl}/v1/traces`, { headersTimeout: 2000, bodyTimeout: 2000 })
    const text = await body.text()
    if (statusCode === 200) appendFileSync(path, `${text}\n`)
  } catch {
    // The lab has ended.
  }
}
