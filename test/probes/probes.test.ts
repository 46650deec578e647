import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { probe } from '../../src/probes/index.ts'
import { isRunning } from '../../src/support/processes.ts'
import { openSpecSession, type SpecSession } from '../kubernetes/spec-session.ts'

let server: Server
let address: string
let session: SpecSession

beforeAll(async () => {
  session = openSpecSession({ kind: 'lab', name: 'none', kubeconfig: '', context: '', namespace: 'default' })
  server = createServer((request, response) => {
    if (request.url === '/silent') return
    response.writeHead(request.url === '/broken' ? 500 : 200, { 'x-method': request.method })
    request.pipe(response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  address = `127.0.0.1:${(server.address() as AddressInfo).port}`
})

afterAll(() => {
  server.closeAllConnections()
  server.close()
})

test('HTTP: every answer is a result', async () => {
  const answer = await probe.http(`http://${address}/`, { method: 'POST', body: 'ping' })
  expect(answer).toMatchObject({ status: 200, body: 'ping', headers: { 'x-method': 'POST' } })
  expect(answer.durationMs).toBeGreaterThan(0)
  const reference = { resolve: async () => `http://${address}/broken` }
  expect((await probe.http(reference)).status).toBe(500)
  expect(session.spans).toContain('probe http')
})

test('HTTP: no answer is a deviation, and says why', async () => {
  await expect(probe.http(`http://${address}/silent`, { timeout: '50ms' })).rejects.toMatchObject({
    code: 'CHAOS_NO_ANSWER',
    verdict: 'deviated',
    message: expect.stringContaining('none came within 50 ms'),
  })
  await expect(probe.http('http://127.0.0.1:1/')).rejects.toMatchObject({
    code: 'CHAOS_NO_ANSWER',
    message: expect.stringContaining('ECONNREFUSED'),
  })
})

test('TCP: connected or refused', async () => {
  expect(await probe.tcp(address)).toBe('connected')
  expect(await probe.tcp('127.0.0.1:1')).toBe('refused')
  await expect(probe.tcp('nowhere')).rejects.toMatchObject({ code: 'CHAOS_BAD_ADDRESS' })
})

test('a process: its exit code and its output', async () => {
  const code = 'process.stdin.pipe(process.stdout); console.error(process.env.SAY); process.exitCode = 3'
  const result = await probe.process([process.execPath, '-e', code], { env: { SAY: 'there' }, input: 'here' })
  expect(result).toEqual({ exitCode: 3, stdout: 'here', stderr: 'there\n' })
})

test('a process that cannot be started, or does not end, is an error, and is killed with all that it started', async () => {
  await expect(probe.process(['/no/such/program'])).rejects.toMatchObject({ code: 'CHAOS_PROCESS_FAILED' })
  const script = "const c = require('child_process').spawn('sleep', ['1000']); console.log(process.pid, c.pid)"
  const marker = `chaos-probe-${process.pid}`
  const hanging = [process.execPath, '-e', `${script}; setInterval(() => {}, 1000)`, marker]
  await expect(probe.process(hanging, { timeout: '500ms' })).rejects.toMatchObject({
    code: 'CHAOS_PROCESS_FAILED',
    message: expect.stringContaining('did not end within 500 ms, and was killed'),
  })
  await expect.poll(() => processesWith(marker)).toEqual([])
})

async function processesWith(marker: string): Promise<string[]> {
  const { stdout } = await probe.process(['ps', '-eo', 'pid,args'])
  return stdout.split('\n').filter((line) => line.includes(marker) && isRunning({ pid: Number.parseInt(line, 10) }))
}
