import type { TraceLink } from './define.ts'

/** A URL with placeholders such as `{traceId}`: see `traceUrl`. */
export function linkTemplate(link: TraceLink): string {
  if (typeof link === 'string') return link
  if ('jaeger' in link) return `${withoutSlash(link.jaeger)}/trace/{traceId}?uiFind={spanId}`
  if ('zipkin' in link) return `${withoutSlash(link.zipkin)}/zipkin/traces/{traceId}`
  if ('tempo' in link) return grafanaExplore(link.tempo, link.datasource)
  if ('datadog' in link) return `https://app.${link.datadog}/apm/trace/{traceId}`
  const { team, environment, dataset, url = 'https://ui.honeycomb.io' } = link.honeycomb
  const place = [team, 'environments', environment, 'datasets', dataset].map(encodeURIComponent).join('/')
  return `${withoutSlash(url)}/${place}/trace?trace_id={traceId}&span={spanId}&trace_start_ts={start}&trace_end_ts={end}`
}

/** @see https://grafana.com/docs/grafana/latest/explore/get-started-with-explore/#generate-explore-urls-from-external-tools */
function grafanaExplore(grafana: string, uid: string): string {
  const query = { refId: 'A', datasource: { type: 'tempo', uid }, queryType: 'traceql', query: '{traceId}' }
  const pane = {
    datasource: uid,
    queries: [query],
    range: { from: '{startMs}', to: '{endMs}' },
    panelsState: { trace: { spanId: '{spanId}' } },
  }
  const panes = encodeURIComponent(JSON.stringify({ trace: pane }))
  // The placeholders stay as they are: what takes their place needs no encoding.
  return `${withoutSlash(grafana)}/explore?schemaVersion=1&orgId=1&panes=${panes.replace(/%7B(\w+)%7D/g, '{$1}')}`
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '')
}
