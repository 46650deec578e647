import { X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { deployments } from '../../src/kubernetes/api/api-resources.ts'
import { connect } from '../../src/kubernetes/api/client.ts'
import { proxyByEnvironment } from '../../src/kubernetes/api/environment-proxy.ts'
import { loadClientLibrary } from '../../src/kubernetes/api/kubeconfig.ts'
import { readServiceAccount } from '../../src/kubernetes/api/kubeconfig-files.ts'
import { createCertificate } from '../../src/lab/apiserver/tls/certificate.ts'
import type { TargetReference } from '../../src/undo/types.ts'
import { listenOnLoopback } from '../traffic/loopback.ts'
import { type CredentialServer, startCredentialServer } from './credential-server.ts'

let server: CredentialServer
let folder: string

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kubeconfigs-'))
  server = await startCredentialServer()
})

afterEach(() => {
  vi.unstubAllEnvs()
  server.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Writes a file into the folder of the kubeconfigs. @returns its path */
function write(name: string, text: string, mode = 0o600): string {
  const path = join(folder, name)
  writeFileSync(path, text, { mode })
  return path
}

const clusters = () => [
  { name: 'there', cluster: { server: server.url, 'certificate-authority-data': btoa(server.ca) } },
]
const contexts = [{ name: 'there', context: { cluster: 'there', user: 'someone' } }]

/** A target whose user is this; it is used as a worker uses it: by one reference. */
function targetOf(user: object, kubeconfig: object = {}): TargetReference {
  const users = [{ name: 'someone', user }]
  const path = write('kubeconfig', JSON.stringify({ clusters: clusters(), contexts, users, ...kubeconfig }))
  return at(path)
}

function at(kubeconfig: string): TargetReference {
  return { kind: 'kubernetes', name: 'there', context: 'there', namespace: 'default', kubeconfig }
}

async function ask(target: TargetReference): Promise<void> {
  const client = await connect(target, new AbortController().signal)
  await client.get(deployments, { namespace: 'default', name: 'web' })
}

describe('the credentials of a kubeconfig', () => {
  test('a token, and connections that are kept', async () => {
    const target = targetOf({ token: 'a-token' })
    for (let request = 0; request < 5; request++) await ask(target)
    expect(server.asked).toEqual(Array(5).fill({ authorization: 'Bearer a-token' }))
    expect(server.connections).toBeLessThan(5)
  })

  test('a file with a token, relative to the kubeconfig', async () => {
    write('token', 'from-a-file\n')
    await ask(targetOf({ tokenFile: 'token', token: 'older' }))
    expect(server.asked).toEqual([{ authorization: 'Bearer from-a-file' }])
  })

  test('a user with a password', async () => {
    await ask(targetOf({ username: 'me', password: 'secret' }))
    expect(server.asked).toEqual([{ authorization: `Basic ${btoa('me:secret')}` }])
  })

  test('a client certificate, as data and as files', async () => {
    const { cert, key } = createCertificate('somebody')
    const certificate = new X509Certificate(cert).fingerprint256
    await ask(targetOf({ 'client-certificate-data': btoa(cert), 'client-key-data': btoa(key) }))
    write('cert.pem', cert)
    write('key.pem', key)
    await ask(targetOf({ 'client-certificate': 'cert.pem', 'client-key': 'key.pem' }))
    expect(server.asked).toEqual([{ certificate }, { certificate }])
  })

  test('a file that is not there is named', async () => {
    await expect(ask(targetOf({ 'client-certificate': 'gone.pem', 'client-key': 'gone.pem' }))).rejects.toMatchObject({
      code: 'CHAOS_BAD_KUBECONFIG',
      message: expect.stringContaining('gone.pem'),
    })
  })

  test('a user that is not there is named', async () => {
    await expect(ask(targetOf({}, { users: [] }))).rejects.toMatchObject({
      code: 'CHAOS_BAD_KUBECONFIG',
      message: expect.stringContaining('names a user "someone"'),
    })
  })

  test('"kubectl proxy", which speaks HTTP on this machine', async () => {
    const proxy = createServer((_request, response) => response.end('{}'))
    onTestFinished(() => void proxy.close())
    const cluster = { server: `http://127.0.0.1:${await listenOnLoopback(proxy)}` }
    await ask(targetOf({}, { clusters: [{ name: 'there', cluster }] }))
  })
})

describe('a command that gives credentials', () => {
  /** A plugin that counts its calls in the file `calls`, and prints what the code makes of the number. */
  function plugin(status: string): { command: string; apiVersion: string; env: object[]; provideClusterInfo: boolean } {
    const code = `#!${process.execPath}
      const { appendFileSync, readFileSync } = require('node:fs')
      appendFileSync('${folder}/calls', '.')
      appendFileSync('${folder}/info', process.env.KUBERNETES_EXEC_INFO + '\\n')
      const call = readFileSync('${folder}/calls').length
      console.log(JSON.stringify({ kind: 'ExecCredential', status: ${status} }))
    `
    write('plugin.cjs', code, 0o700)
    const env = [{ name: 'WHO', value: 'me' }]
    return { command: './plugin.cjs', apiVersion: 'client.authentication.k8s.io/v1', env, provideClusterInfo: true }
  }

  const calls = () => readFileSync(join(folder, 'calls')).length

  test('is asked once, by a path relative to the kubeconfig, and told the cluster', async () => {
    const target = targetOf({ exec: plugin(`{ token: process.env.WHO + call }`) })
    await Promise.all([ask(target), ask(target)])
    await ask(target)
    expect(server.asked).toEqual(Array(3).fill({ authorization: 'Bearer me1' }))
    expect(calls()).toBe(1)
    const [info = ''] = readFileSync(join(folder, 'info'), 'utf8').split('\n')
    expect(JSON.parse(info)).toMatchObject({
      apiVersion: 'client.authentication.k8s.io/v1',
      spec: { interactive: false, cluster: { server: server.url } },
    })
  })

  test('is asked again when what it gave has expired', async () => {
    const expired = new Date(Date.now() - 1000).toISOString()
    const target = targetOf({
      exec: plugin(`{ token: 't' + call, expirationTimestamp: call === 1 ? '${expired}' : undefined }`),
    })
    await ask(target)
    await ask(target)
    expect(server.asked).toEqual([{ authorization: 'Bearer t2' }, { authorization: 'Bearer t2' }])
  })

  test('is asked again, once, when the API server refuses what it gave', async () => {
    server.refused.add('Bearer t1')
    const target = targetOf({ exec: plugin(`{ token: 't' + call }`) })
    await ask(target)
    expect(server.asked).toEqual([{ authorization: 'Bearer t1' }, { authorization: 'Bearer t2' }])
    server.refused.add('Bearer t2').add('Bearer t3')
    await expect(ask(target)).rejects.toMatchObject({ code: 'CHAOS_UNAUTHORIZED' })
    expect(calls()).toBe(3)
  })

  test('may give a client certificate', async () => {
    const { cert, key } = createCertificate('somebody')
    await ask(targetOf({ exec: plugin(JSON.stringify({ clientCertificateData: cert, clientKeyData: key })) }))
    expect(server.asked).toEqual([{ certificate: new X509Certificate(cert).fingerprint256 }])
  })

  test.each([
    ['fails', { command: 'sh', args: ['-c', 'echo please log in >&2; exit 1'] }, 'please log in'],
    ['prints what is no credential', { command: 'echo', args: ['hello'] }, 'no JSON'],
    ['prints nothing of use', { command: 'echo', args: ['{"status":{}}'] }, 'neither a token nor'],
    ['is not there', { command: 'no-such-plugin', installHint: 'Install it.' }, 'Install it.'],
    ['wants a person', { command: 'sh', interactiveMode: 'Always' }, 'a person'],
  ])('that %s is named', async (_, exec, said) => {
    await expect(ask(targetOf({ exec }))).rejects.toMatchObject({
      code: 'CHAOS_CREDENTIAL_PLUGIN',
      message: expect.stringContaining(said),
    })
    expect(server.asked).toEqual([])
  })
})

test('several kubeconfigs are one: the first that names something wins, and one may be missing', async () => {
  const first = write('first', JSON.stringify({ contexts, users: [{ name: 'someone', user: { token: 'first' } }] }))
  const second = write(
    'second',
    JSON.stringify({ clusters: clusters(), users: [{ name: 'someone', user: { token: 'second' } }] }),
  )
  await ask(at([join(folder, 'gone'), first, second].join(delimiter)))
  expect(server.asked).toEqual([{ authorization: 'Bearer first' }])
})

test('in a pod, its service account is the context "in-cluster"', async () => {
  const { hostname, port } = new URL(server.url)
  vi.stubEnv('KUBERNETES_SERVICE_HOST', hostname)
  vi.stubEnv('KUBERNETES_SERVICE_PORT', port)
  const kubeconfig = readServiceAccount(await loadClientLibrary(), folder)
  expect(kubeconfig.getContexts().map(({ name }) => name)).toEqual(['in-cluster'])
  kubeconfig.setCurrentContext('in-cluster')
  expect(kubeconfig.getCurrentCluster()?.server).toBe(server.url)
  expect(kubeconfig.getCurrentUser()?.authProvider?.config).toMatchObject({
    tokenFile: join(folder, 'var/run/secrets/kubernetes.io/serviceaccount/token'),
  })
})

test('outside of a pod there is no service account', async () => {
  vi.stubEnv('KUBERNETES_SERVICE_HOST', '')
  await expect(ask({ ...at('in-cluster'), context: 'in-cluster' })).rejects.toMatchObject({
    code: 'CHAOS_BAD_KUBECONFIG',
    message: expect.stringContaining('does not run in a pod'),
  })
})

describe('the proxy that the environment names', () => {
  const proxy = 'http://proxy:3128'
  test.each([
    ['https://api.example.com', { HTTPS_PROXY: proxy }, proxy],
    ['https://api.example.com', { https_proxy: 'proxy:3128' }, proxy],
    ['https://api.example.com', { HTTP_PROXY: proxy }, undefined],
    ['http://api.example.com', { HTTP_PROXY: proxy }, proxy],
    ['https://127.0.0.1:6443', { HTTPS_PROXY: proxy }, undefined],
    ['https://[::1]:6443', { HTTPS_PROXY: proxy }, undefined],
    ['https://localhost:6443', { HTTPS_PROXY: proxy }, undefined],
    ['https://api.example.com', { HTTPS_PROXY: proxy, NO_PROXY: '*' }, undefined],
    ['https://api.example.com', { HTTPS_PROXY: proxy, NO_PROXY: 'other.com, example.com' }, undefined],
    ['https://api.example.com', { HTTPS_PROXY: proxy, no_proxy: '.example.com' }, undefined],
    ['https://example.com', { HTTPS_PROXY: proxy, NO_PROXY: '.example.com' }, proxy],
    ['https://notexample.com', { HTTPS_PROXY: proxy, NO_PROXY: 'example.com' }, proxy],
    ['https://api.example.com:6443', { HTTPS_PROXY: proxy, NO_PROXY: 'example.com:6443' }, undefined],
    ['https://api.example.com:6443', { HTTPS_PROXY: proxy, NO_PROXY: 'example.com:443' }, proxy],
    ['https://10.1.2.3:6443', { HTTPS_PROXY: proxy, NO_PROXY: '10.0.0.0/8' }, undefined],
    ['https://11.1.2.3:6443', { HTTPS_PROXY: proxy, NO_PROXY: '10.0.0.0/8' }, proxy],
    ['https://[fd00::1]:6443', { HTTPS_PROXY: proxy, NO_PROXY: 'fd00::/8' }, undefined],
  ])('%s with %o: %s', (url, env, expected) => {
    expect(proxyByEnvironment(url, env)).toBe(expected)
  })
})
