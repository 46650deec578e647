import { createServer } from 'node:http'

/**
 * A service with one counter, for tests: `/count?code=500&times=3` counts, `/metrics` exposes. A code is exposed when it
 * was counted for the first time.
 *
 *     node exporter.ts PORT
 */
const counts = new Map<string, number>()

createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://exporter')
  if (pathname === '/count') {
    const code = searchParams.get('code') ?? ''
    counts.set(code, (counts.get(code) ?? 0) + Number(searchParams.get('times')))
    return response.end()
  }
  const lines = [...counts].map(([code, count]) => `responses_total{code="${code}"} ${count}\n`)
  response.end(`# TYPE responses_total counter\n${lines.join('')}`)
}).listen(Number(process.argv[2]), '127.0.0.1', () => process.stdout.write('listening\n'))
