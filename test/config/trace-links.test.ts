import { describe, expect, test } from 'vitest'
import type { TraceLink } from '../../src/config/define.ts'
import { problemsOf } from '../../src/config/schema.ts'
import { linkTemplate } from '../../src/config/trace-links.ts'
import { traceUrl } from '../../src/journal/trace-link.ts'

const traceId = '0af7651916cd43dd8448eb211c80319c'
const trace = { spanId: 'b7ad6b7169203331', startedAt: 1_700_000_060_000, endedAt: 1_700_000_120_000 }

function urlBy(link: TraceLink): string {
  return traceUrl(linkTemplate(link), traceId, trace) ?? ''
}

describe('the page of a trace', () => {
  test.each<[TraceLink, string]>([
    ['https://t/{traceId}#{spanId}', `https://t/${traceId}#b7ad6b7169203331`],
    [{ jaeger: 'http://localhost:16686/' }, `http://localhost:16686/trace/${traceId}?uiFind=b7ad6b7169203331`],
    [{ zipkin: 'http://localhost:9411' }, `http://localhost:9411/zipkin/traces/${traceId}`],
    [{ datadog: 'datadoghq.eu' }, `https://app.datadoghq.eu/apm/trace/${traceId}`],
    [
      { honeycomb: { team: 'shop', environment: 'test 1', dataset: 'counter' } },
      `https://ui.honeycomb.io/shop/environments/test%201/datasets/counter/trace?trace_id=${traceId}&span=b7ad6b7169203331&trace_start_ts=1700000000&trace_end_ts=1700000180`,
    ],
  ])('by %j', (link, url) => {
    expect(problemsOf({ traces: { link } })).toEqual([])
    expect(urlBy(link)).toBe(url)
  })

  test('in Grafana is found by its id, in the time that it took', () => {
    const url = new URL(urlBy({ tempo: 'https://grafana.test', datasource: 'tempo-1' }))
    expect(url.origin + url.pathname).toBe('https://grafana.test/explore')
    expect(JSON.parse(url.searchParams.get('panes') ?? '')).toMatchObject({
      trace: {
        datasource: 'tempo-1',
        queries: [{ queryType: 'traceql', query: traceId, datasource: { type: 'tempo', uid: 'tempo-1' } }],
        range: { from: '1700000000000', to: '1700000180000' },
        panelsState: { trace: { spanId: 'b7ad6b7169203331' } },
      },
    })
  })

  test('of a users’ request is that of its outermost span', () => {
    expect(traceUrl('{spanId}', traceId)).toBe('8448eb211c80319c')
  })

  test('keeps what it does not know', () => {
    expect(traceUrl('http://t/{traceId}?{other}', traceId)).toBe(`http://t/${traceId}?{other}`)
  })
})

test.each([
  [{ link: 'http://t/' }, 'traces.link: expected a URL with {traceId}'],
  [{ link: { jaeger: 'no URL' } }, 'traces.link.jaeger: expected a URL'],
  [{ link: { tempo: 'http://g' } }, 'traces.link'],
  [{ link: { jeager: 'http://j' } }, 'traces.link: expected a URL with {traceId}, { jaeger: URL }'],
])('a config with %j is refused', (traces, problem) => {
  expect(problemsOf({ traces }).join()).toContain(problem)
})
