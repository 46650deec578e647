import { createServer } from 'node:http'

/**
 * A service that counts its responses, for tests. A code is exposed when it was counted for the first time.
 *
 * - `/count?code=500&times=3&path=/` counts
 * - `/answer` is what users call: it is answered with the status of `/set?status=503`, and counted
 * - `/hide`: from then on nobody is told, as if the process died right now, but for its users
 * - `/metrics` exposes; with `timestamps`, each value with a time of its own, so that no one marks it as stale
 *
 *     node exporter.ts PORT [timestamps]
 */
const counts = new Map<string, number>()
const [, , port, timestamps] = process.argv
let status = 200
let isHidden = false

function count(code: string, path: string, times: number): void {
  const labels = `code="${code}",path="${path}"`
  counts.set(labels, (counts.get(labels) ?? 0) + times)
}

createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://exporter')
  switch (pathname) {
    case '/count':
      count(searchParams.get('code') ?? '', searchParams.get('path') ?? '/', Number(searchParams.get('times')))
      return response.end()
    case '/set':
      status = Number(searchParams.get('status'))
      return response.end()
    case '/hide':
      isHidden = true
      return response.end()
    case '/answer':
      count(String(status), pathname, 1)
      return response.writeHead(status).end()
    default: {
      if (isHidden) return response.destroy()
      const time = timestamps === undefined ? '' : ` ${Date.now()}`
      const lines = [...counts].map(([labels, value]) => `responses_total{${labels}} ${value}${time}\n`)
      return response.end(`# TYPE responses_total counter\n${lines.join('')}`)
    }
  }
}).listen(Number(port), '127.0.0.1', () => process.stdout.write('listening\n'))
