import { X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { connect as connectTls } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kubeconfigFor, writeKubeconfig } from '../../../src/lab/apiserver/kubeconfig.ts'
import { startApiServer } from '../../../src/lab/apiserver/server.ts'
import { createCertificate } from '../../../src/lab/apiserver/tls/certificate.ts'
import {
  applyPatchType,
  configMap,
  configMapsPath,
  jsonPatchType,
  mergePatchType,
  pod,
  podsPath,
  strategicPatchType,
  TestApi,
} from './api.ts'

describe('access', () => {
  let api: TestApi
  beforeAll(async () => {
    api = await TestApi.start()
  })
  afterAll(() => api.stop())

  it.each([
    ['no token', ''],
    ['another token', 'Bearer wrong'],
    ['the token of another scheme', 'Basic abc'],
  ])('is refused with %s, to health checks too', async (_what, authorization) => {
    for (const path of [podsPath, '/healthz', '/version']) {
      const refused = await api.call('GET', path, undefined, { headers: { authorization } })
      expect(refused.code).toBe(401)
      expect(refused.body).toMatchObject({ kind: 'Status', reason: 'Unauthorized', message: 'Unauthorized' })
    }
  })

  it('is refused by another host name, which a web page could make mean this machine', async () => {
    const { ca, token, server } = api.server.access
    const { hostname, port } = new URL(server)
    const socket = connectTls({ host: hostname, port: Number(port), ca }, () =>
      socket.write(
        `GET /version HTTP/1.1\r\nhost: evil.example\r\nauthorization: Bearer ${token}\r\nconnection: close\r\n\r\n`,
      ),
    )
    const answer = await text(socket)
    expect(answer).toMatch(/^HTTP\/1.1 421 /)
    expect(answer).toContain('evil.example')
  })

  it('is by a certificate for the address alone', async () => {
    const { hostname, port } = new URL(api.server.access.server)
    const attempt = (options: object) =>
      new Promise((resolve) => {
        const socket = connectTls({ host: hostname, port: Number(port), ...options }, () => resolve('trusted'))
        socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code))
        socket.on('close', () => socket.destroy())
        socket.on('secureConnect', () => socket.destroy())
      })
    expect(await attempt({ ca: api.server.access.ca })).toBe('trusted')
    expect(await attempt({})).toBe('DEPTH_ZERO_SELF_SIGNED_CERT')
    expect(await attempt({ ca: api.server.access.ca, servername: 'example.com' })).toBe('ERR_TLS_CERT_ALTNAME_INVALID')
  })

  it('is by a certificate that is its own authority, for one address', async () => {
    const certificate = new X509Certificate(createCertificate('127.18.67.1').cert)
    expect(certificate.verify(certificate.publicKey)).toBe(true)
    expect(certificate.ca).toBe(true)
    expect(certificate.checkIP('127.18.67.1')).toBe('127.18.67.1')
    expect(certificate.checkIP('127.18.67.2')).toBeUndefined()
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1'])
    expect(certificate.checkHost('127.18.67.1')).toBeUndefined()
    expect(new X509Certificate(createCertificate('lab.example').cert).checkHost('lab.example')).toBe('lab.example')
  })

  it('comes with a token of its own for each server', async () => {
    const other = await TestApi.start()
    expect(other.server.access.token).not.toBe(api.server.access.token)
    expect(other.server.access.token.length).toBeGreaterThan(40)
    await other.stop()
  })

  it('can be written as a kubeconfig that only its owner reads', () => {
    const folder = mkdtempSync(join(tmpdir(), 'apiserver-'))
    try {
      const path = join(folder, 'kubeconfig')
      writeKubeconfig(path, api.server.access)
      expect(statSync(path).mode & 0o777).toBe(0o600)
      expect(kubeconfigFor(api.server.access)).toContain('current-context: lab')
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

describe('an address', () => {
  it('is one server’s: the second is refused', async () => {
    const first = await TestApi.start()
    const port = Number(new URL(first.server.access.server).port)
    await expect(startApiServer({ host: '127.0.0.1', port, serviceRange: '198.18.67' })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    })
    await first.stop()
    const next = await startApiServer({ host: '127.0.0.1', port, serviceRange: '198.18.67' })
    await next.close()
  })
})

describe('bad input', () => {
  let api: TestApi
  beforeAll(async () => {
    api = await TestApi.start()
  })
  afterAll(async () => {
    expect((await api.get('/healthz')).body).toBe('ok')
    await api.stop()
  })

  it.each([
    ['no JSON', '{bad', 'json parse error'],
    ['nothing', '', 'json parse error'],
    ['no object', '[]', 'not an object'],
    ['a null', 'null', 'not an object'],
    ['a prototype', '{"metadata":{"name":"x","__proto__":{"a":1}}}', '__proto__'],
    ['an abyss', `{"data":${'['.repeat(5000)}${']'.repeat(5000)}}`, 'nested more than'],
  ])('as a body of %s is refused', async (_what, body, message) => {
    const refused = await api.post(configMapsPath, body)
    expect(refused.code).toBe(400)
    expect(refused.body.reason).toBe('BadRequest')
    expect(refused.body.message).toContain(message)
  })

  it('as YAML is refused, also when it would grow without end', async () => {
    const yaml = (body: string) => api.call('POST', configMapsPath, body, { type: 'application/yaml' })
    expect((await yaml('a: [1, 2')).code).toBe(400)
    const bomb = [
      'a: &a [x,x,x,x,x,x,x,x,x]',
      ...'bcdefgh'.split('').map((c, n) => `${c}: &${c} [${Array(9).fill(`*${'abcdefgh'[n]}`)}]`),
    ]
    expect((await yaml(bomb.join('\n'))).code).toBe(400)
  })

  it('of other media types is refused by name', async () => {
    const protobuf = await api.call('POST', configMapsPath, 'k8s\0', { type: 'application/vnd.kubernetes.protobuf' })
    expect(protobuf.code).toBe(415)
    expect(protobuf.body.message).toContain('the lab does not read the kind "" as protobuf')
    expect((await api.call('POST', configMapsPath, 'x', { type: 'text/plain' })).code).toBe(415)
    const answer = await api.get(configMapsPath, 'application/vnd.kubernetes.protobuf')
    expect(answer.code).toBe(406)
    expect((await api.get(configMapsPath, 'application/vnd.kubernetes.protobuf,application/json')).code).toBe(200)
  })

  it('of more than 3 MiB is refused', async () => {
    const refused = await api.post(configMapsPath, configMap('large', { a: 'x'.repeat(3 * 1024 * 1024) }))
    expect(refused.code).toBe(413)
    expect(refused.body.reason).toBe('RequestEntityTooLarge')
    expect((await api.post(configMapsPath, configMap('large', { a: 'x'.repeat(1024 * 1024) }))).code).toBe(201)
  })

  it('in a path or a query is refused', async () => {
    expect((await api.get(`${configMapsPath}/%E0%A4%A`)).code).toBe(400)
    expect((await api.get('//..//')).code).toBe(404)
    expect((await api.get(`${configMapsPath}?watch=true&resourceVersion=new`)).code).toBe(400)
    expect((await api.get(`${configMapsPath}?watch=true&timeoutSeconds=-1`)).code).toBe(400)
    expect((await api.get('/api/v1/namespaces/default/nodes')).code).toBe(404)
    expect((await api.get(`${configMapsPath}/__proto__`)).code).toBe(404)
  })

  it.each([
    { spec: 'text' },
    { spec: { containers: 'text' } },
    { spec: { containers: [null] } },
    { spec: { containers: [{ name: 1 }] } },
    { metadata: [] },
    { metadata: { labels: { a: 1 } } },
    { metadata: { ownerReferences: ['x'] } },
    { metadata: { finalizers: { a: 'b' } } },
    { status: 7 },
  ])('of another form is refused: %j', async (fields) => {
    const refused = await api.post(podsPath, { metadata: { name: 'x' }, ...fields })
    expect(refused.code).toBe(400)
    expect(refused.body.message).toContain('cannot unmarshal')
  })

  it('in a patch is refused', async () => {
    await api.post(configMapsPath, configMap('patched'))
    for (const patch of [{ data: 'text' }, { data: { a: {} } }, { metadata: null }, { kind: 'Pod' }]) {
      expect((await api.patch(`${configMapsPath}/patched`, patch, mergePatchType)).code).toBe(400)
    }
  })

  it('of a name that is an object with a `toString` of its own is refused', async () => {
    const name = { toString: false }
    await api.post(configMapsPath, configMap('named'))
    expect((await api.post(configMapsPath, { ...configMap('x'), kind: name })).code).toBe(400)
    const renaming = { ...configMap('x'), metadata: { name } }
    expect((await api.patch(`${configMapsPath}/named?fieldManager=m`, renaming, applyPatchType)).code).toBe(400)
    expect((await api.patch(`${configMapsPath}/named`, { $patch: name }, strategicPatchType)).code).toBe(400)
  })

  it('in a JSON patch of prototypes is refused', async () => {
    await api.post(configMapsPath, configMap('polluted'))
    const patch = [{ op: 'add', path: '/__proto__/polluted', value: 1 }]
    const refused = await api.patch(`${configMapsPath}/polluted`, patch, jsonPatchType)
    expect([refused.code, refused.body.reason]).toEqual([422, 'Invalid'])
  })

  it('of more pods than a lab has addresses for is refused, as by a quota', async () => {
    const own = await TestApi.start()
    // Each request under way has a connection of its own: a thousand at once are more than a machine must accept.
    for (let first = 0; first < 1000; first += 50) {
      await Promise.all(Array.from({ length: 50 }, (_, index) => own.post(podsPath, pod(`p${first + index}`))))
    }
    const refused = await own.post(podsPath, pod('one-more'))
    expect(refused.code).toBe(403)
    expect(refused.body.message).toBe(
      'pods "one-more" is forbidden: exceeded quota: lab, requested: pods=1, used: pods=1000, limited: pods=1000',
    )
    await own.remove(`${podsPath}/p0`)
    expect((await own.post(podsPath, pod('one-more'))).code).toBe(201)
    await own.stop()
  })

  it('that is no TLS ends its own connection only', async () => {
    const { hostname, port } = new URL(api.server.access.server)
    const socket = connect(Number(port), hostname, () => socket.write('GET / HTTP/1.1\r\n\r\n'))
    await new Promise((resolve) => socket.on('close', resolve).on('error', () => undefined))
  })

  it.each([
    ['no HTTP', 'nonsense', 400, 'BadRequest'],
    ['more head than is read', `GET / HTTP/1.1\r\nx: ${'x'.repeat(20_000)}`, 431, 'RequestEntityTooLarge'],
  ])('that is %s gets a Status, and ends its own connection only', async (_what, request, code, reason) => {
    const { hostname, port } = new URL(api.server.access.server)
    const secure = connectTls({ host: hostname, port: Number(port), ca: api.server.access.ca }, () =>
      secure.write(`${request}\r\n\r\n`),
    )
    const [head = '', body = ''] = (await text(secure)).split('\r\n\r\n')
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${code} `))
    expect(JSON.parse(body)).toMatchObject({ kind: 'Status', status: 'Failure', code, reason })
  })
})
