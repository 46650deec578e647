import { once } from 'node:events'
import { createServer } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { loopbackAddress } from '../../../src/lab/addresses.ts'
import { services } from '../../../src/lab/client/index.ts'
import { outcomeOf, ServiceUnderTest, web } from './service.ts'

const service = new ServiceUnderTest()

test('connections are spread over the ready endpoints at random', async () => {
  await Promise.all([1, 2].map((n) => service.serve(n + 1, (socket) => socket.end(`pod ${n}`))))
  await service.create()
  await service.setReady(2, 3)
  await service.startProxy()
  const told = await Promise.all(Array.from({ length: 200 }, () => service.answer()))
  const first = told.filter((one) => one === 'pod 1').length
  expect(told.filter((one) => one === 'pod 2')).toHaveLength(200 - first)
  // Ten standard deviations from half: beyond chance.
  expect(Math.abs(first - 100)).toBeLessThan(71)
})

test('without a ready endpoint clients are refused, until there is one', async () => {
  await service.serve(2, (socket) => socket.end('pod'))
  await service.create()
  await service.startProxy()
  expect(await service.answer()).toBe('ECONNREFUSED')
  await service.setReady(2)
  await service.answers('pod')
  await service.setReady()
  await service.answers('ECONNREFUSED')
  await service.setReady(2)
  await service.answers('pod')
  await service.cluster.client.remove(services, web)
  await service.answers('ECONNREFUSED')
})

test('an established connection stays with its endpoint', async () => {
  await service.serve(2, (socket) => socket.pipe(socket))
  await service.serve(3, (socket) => socket.end('other'))
  await service.create()
  await service.setReady(2)
  await service.startProxy()
  const socket = await service.call()
  socket.write('before ')
  await once(socket, 'data')
  await service.setReady(3)
  await service.answers('other')
  await service.cluster.client.remove(services, web)
  await service.answers('ECONNREFUSED')
  socket.end('after')
  expect(await outcomeOf(socket)).toBe('after')
})

test('one side may end while the other goes on', async () => {
  await service.serve(2, async (socket) => socket.end(`heard: ${await text(socket)}`))
  await service.create()
  await service.setReady(2)
  await service.startProxy()
  const socket = await service.call()
  socket.end('all that I have to say')
  expect(await outcomeOf(socket)).toBe('heard: all that I have to say')
})

test('a reset is passed on, either way', async () => {
  const fromClient = Promise.withResolvers<string>()
  await service.serve(2, (socket) => {
    socket.on('error', (error: NodeJS.ErrnoException) => fromClient.resolve(error.code ?? ''))
    socket.once('data', (said) => {
      if (String(said) === 'reset me') socket.resetAndDestroy()
      else socket.write('yes?')
    })
  })
  await service.create()
  await service.setReady(2)
  await service.startProxy()
  const victim = await service.call()
  victim.write('reset me')
  expect(await outcomeOf(victim)).toBe('ECONNRESET')
  const culprit = await service.call()
  culprit.write('hello')
  await once(culprit, 'data')
  culprit.resetAndDestroy()
  expect(await fromClient.promise).toBe('ECONNRESET')
})

test('an endpoint at which nothing listens resets', async () => {
  await service.create()
  await service.setReady(9)
  await service.startProxy()
  expect(await service.answer()).toBe('ECONNRESET')
})

test('the endpoint sees which pod calls', async () => {
  await service.serve(2, (socket) => socket.end(socket.remoteAddress ?? ''))
  await service.create()
  await service.setReady(2)
  await service.startProxy()
  const caller = loopbackAddress(service.podIP(7))
  expect(await service.answer(caller)).toBe(caller)
})

test('changes take effect after the delay that was asked for', async () => {
  await service.serve(2, (socket) => socket.end('pod'))
  await service.create()
  await service.startProxy({ syncDelayMs: 300 })
  const changedAt = performance.now()
  await service.setReady(2)
  await service.answers('pod')
  expect(performance.now() - changedAt).toBeGreaterThan(290)
})

test('an address that is taken is reported once, and served when it is free', async () => {
  const squatter = createServer()
  squatter.listen(8080, service.host)
  await once(squatter, 'listening')
  await service.serve(2, (socket) => socket.end('pod'))
  await service.create()
  await service.setReady(2)
  const problems: string[] = []
  await service.startProxy({ onError: (error) => problems.push(error.message) })
  expect(problems).toEqual([expect.stringContaining('The service default/web:http cannot be served on 127.18.')])
  squatter.close()
  await service.answers('pod')
  expect(problems).toHaveLength(1)
})
