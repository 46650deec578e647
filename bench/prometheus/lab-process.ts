/**
 * The metrics of a lab in a process of their own, so that what they cost can be told from all else. Its parent says what
 * to do, as JSON in the first argument, and hears the URL of the API.
 */
import { serveApi } from '../../src/lab/metrics/http.ts'
import { Scraper } from '../../src/lab/metrics/scraper.ts'
import { Storage } from '../../src/lab/metrics/storage.ts'
import { systemClock } from '../../src/support/clock.ts'
import { podAt } from '../../test/lab/metrics/pages.ts'
import { writeSamples } from './data.ts'

export interface LabTask {
  /** Scraped every 200 ms, each as a pod of its own. */
  ports?: readonly number[]
  /** The end of the samples that there are from the start. */
  samplesUntilMs?: number
}

const { ports = [], samplesUntilMs }: LabTask = JSON.parse(process.argv[2] ?? '{}')
const storage = new Storage()
if (samplesUntilMs !== undefined) writeSamples(storage, samplesUntilMs)
const scraper = new Scraper(storage, { intervalMs: 200, timeoutMs: 1000 })
for (const port of ports) scraper.podChanged(undefined, podAt(port, { uid: `uid-${port}` }))
const { url } = await serveApi({ storage, scraper, clock: systemClock }, '127.0.0.1', 0)
process.send?.(url)
process.once('disconnect', () => process.exit(0))
