import type { ResolvedConfig } from '../../config/load.ts'
import { PrometheusClient } from '../../prometheus/client.ts'
import { systemClock } from '../../support/clock.ts'
import { count } from '../../support/count.ts'
import { exportersFor } from '../../tracing/exporters.ts'
import { createTracing } from '../../tracing/provider.ts'
import type { OpenTarget } from '../open-target.ts'
import { type Check, check, type Finding, note, ok } from './check.ts'
import { clockFinding } from './clock.ts'

/** Whether Prometheus answers, scrapes, and tells the same time. */
export async function prometheusChecks({ prometheusUrl, prometheusAccess, reference }: OpenTarget): Promise<Check[]> {
  if (prometheusUrl === undefined) {
    const found = 'none is configured: specs that ask it are inconclusive. Set "prometheus: { url }" in the config'
    return [await check('Prometheus', () => note(found))]
  }
  const client = new PrometheusClient(prometheusUrl, {
    retryForMs: 0,
    ...(prometheusAccess ? { access: prometheusAccess } : {}),
  })
  const answers = await check('Prometheus', async () => await targetsFinding(client))
  // That of the lab runs on this machine.
  if (answers.status === 'failed' || reference.kind === 'lab') return [answers]
  return [answers, await check('its clock', async () => await prometheusClock(client))]
}

async function targetsFinding(client: PrometheusClient): Promise<Finding> {
  const version = await client.buildInfo().then(
    ({ version }) => `${version} at ${client.url}`,
    () => client.url,
  )
  const values = await client.valuesAt('up', systemClock.now())
  const down = values.filter(({ value }) => value !== 1)
  const up = `${count(values.length - down.length, 'target')} up`
  if (values.length === 0) return note(`${version}, and scrapes nothing: specs that ask it are inconclusive`)
  if (down.length === 0) return ok(`${version}, ${up}`)
  const names = down.map(({ labels }) => labels.pod ?? labels.instance ?? 'one without a name')
  return note(`${version}, ${up}, ${down.length} down: ${names.join(', ')}`)
}

async function prometheusClock(client: PrometheusClient): Promise<Finding> {
  const sentAt = systemClock.now()
  const saidAt = await client.now()
  return clockFinding('Prometheus', { sentAt, receivedAt: systemClock.now(), saidAt, resolutionMs: 1 })
}

/** Whether who collects traces takes one. */
export async function traceChecks({ traces }: ResolvedConfig): Promise<Check[]> {
  const places = exportersFor(traces.exports, process.env).map(({ name }) => name)
  if (places.length === 0) return [await check('traces', () => ok('kept in the folder of each run, and sent nowhere'))]
  const tracing = createTracing({ serviceName: 'chaos-test doctor', exports: traces.exports, env: process.env })
  return [
    await check('traces', async () => {
      await tracing.tracer.span('doctor', {}, async () => undefined)
      await tracing.shutdown()
      const [loss] = tracing.losses
      if (!loss) return ok(`a span that was sent to ${places.join(' and ')} was taken`)
      const why = loss.reason === undefined ? 'it did not answer in time' : loss.reason
      return note(`a span that was sent to ${loss.to} was not taken: ${why}. A run goes on without it`)
    }),
  ]
}
