import { createServer } from 'node:http'
import { Counter, Gauge, Histogram, Registry } from 'prom-client'

/**
 * A service for tests, with metrics of every kind: `/order?code=500&path=/a&seconds=0.2` is an order that is counted,
 * `/stock?value=NaN` sets a gauge, `/metrics` exposes.
 *
 *     node shop.ts ADDRESS PORT
 *
 * Port 0 is any that is free; it says which one it has.
 */
const registry = new Registry()
const registers = [registry]
const orders = new Counter({ name: 'orders_total', help: 'Orders.', labelNames: ['code', 'path'], registers })
const stock = new Gauge({ name: 'stock', help: 'What is there.', registers })
const duration = new Histogram({
  name: 'order_seconds',
  help: 'How long orders took.',
  labelNames: ['path'],
  buckets: [0.05, 0.1, 0.25, 0.5, 1],
  registers,
})

const server = createServer(async ({ url = '/' }, response) => {
  const { pathname, searchParams } = new URL(url, 'http://shop')
  if (pathname === '/order') {
    const path = searchParams.get('path') ?? '/'
    orders.inc({ code: searchParams.get('code') ?? '200', path })
    duration.observe({ path }, Number(searchParams.get('seconds')))
  }
  if (pathname === '/stock') stock.set(Number(searchParams.get('value')))
  response.end(pathname === '/metrics' ? await registry.metrics() : '')
})
const [address, port] = process.argv.slice(2)
server.listen(Number(port), address, () => {
  const bound = server.address()
  process.stdout.write(`${typeof bound === 'object' ? bound?.port : bound}\n`)
})
