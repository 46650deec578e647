import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { PrometheusConfig } from '../../src/config/define.ts'
import { resolvePrometheus } from '../../src/config/prometheus.ts'
import { problemsOf } from '../../src/config/schema.ts'
import type { EventBody } from '../../src/journal/events.ts'
import { createCertificate, type ServerCertificate } from '../../src/lab/apiserver/tls/certificate.ts'
import { PrometheusClient } from '../../src/prometheus/client.ts'
import { prometheus } from '../../src/prometheus/index.ts'
import { defaultSafety } from '../../src/safety/index.ts'
import { openSession } from '../../src/session/session.ts'
import { createTracing } from '../../src/tracing/provider.ts'
import { listenOnLoopback } from '../traffic/loopback.ts'
import { isPrometheusInstalled, startPrometheus, until } from './processes.ts'

const folder = mkdtempSync(join(tmpdir(), 'access-'))
const ending: (() => unknown)[] = [() => rmSync(folder, { recursive: true })]
let certificate: ServerCertificate

beforeAll(async () => {
  certificate = createCertificate('127.0.0.1')
  writeFileSync(join(folder, 'ca.pem'), certificate.cert)
  writeFileSync(join(folder, 'key.pem'), certificate.key)
})

afterAll(async () => {
  for (const end of ending.reverse()) await end()
})

function clientOf(config: PrometheusConfig, environment: Record<string, string> = {}): PrometheusClient {
  const { prometheusUrl, prometheusAccess } = resolvePrometheus(config, folder, environment)
  return new PrometheusClient(prometheusUrl ?? '', {
    retryForMs: 0,
    ...(prometheusAccess ? { access: prometheusAccess } : {}),
  })
}

const inconclusive = (code: string) => expect.objectContaining({ code, verdict: 'inconclusive' })

describe.skipIf(!isPrometheusInstalled)('a real Prometheus behind TLS and a password', () => {
  // bcrypt of 'correct horse', as Prometheus wants it.
  const hash = '$2b$04$8YOJyPg1RxQHRI2nOGoPkejIopPs/d72UJdHAtOxOTJ.XzpViLss6'
  let url: string

  beforeAll(async () => {
    const real = await startPrometheus({
      web: {
        config: {
          tls_server_config: { cert_file: 'ca.pem', key_file: 'key.pem' },
          basic_auth_users: { reader: hash },
        },
        files: { 'ca.pem': certificate.cert, 'key.pem': certificate.key },
      },
    })
    ending.push(real.stop)
    url = real.url
    const refusal = () =>
      clientOf({ url, tls: { insecure: true } })
        .buildInfo()
        .catch(({ code }) => code)
    await until('it answers', async () => (await refusal()) === 'CHAOS_PROMETHEUS_DENIED')
  })

  const tls = { ca: 'ca.pem' }

  it('lets in who knows the password, by the config, the environment or the URL', async () => {
    const basicAuth = { username: 'reader', password: 'correct horse' }
    const environment = {
      CHAOS_TEST_PROMETHEUS_URL: url,
      CHAOS_TEST_PROMETHEUS_USERNAME: 'reader',
      CHAOS_TEST_PROMETHEUS_PASSWORD: 'correct horse',
      CHAOS_TEST_PROMETHEUS_CA: 'ca.pem',
    }
    const withPassword = url.replace('://', '://reader:correct%20horse@')
    for (const client of [
      clientOf({ url, tls, basicAuth }),
      clientOf({}, environment),
      clientOf({ url: withPassword, tls }),
    ]) {
      expect(await client.query('vector(7)', Date.now())).toMatchObject({ values: [{ value: 7 }] })
      expect(client.url).toBe(url)
    }
  })

  it('tells of itself: its version, its labels, its targets', async () => {
    const client = clientOf({ url, tls, basicAuth: { username: 'reader', password: 'correct horse' } })
    expect(await client.buildInfo()).toMatchObject({ version: expect.stringMatching(/^\d+\.\d+/) })
    expect(await client.labels()).toEqual([])
    expect(await client.labelValues('__name__', 'up')).toEqual([])
    expect(await client.targets()).toEqual([])
    const now = Date.now()
    const [series] = await client.queryRange('vector(time() * 0 + 7)', now - 2000, now, 1000)
    expect(series?.samples.map(({ value }) => value)).toEqual([7, 7, 7])
  })

  it.each([
    ['nothing', {}, 'without any authorization'],
    [
      'a wrong password',
      { basicAuth: { username: 'reader', password: 'wrong horse' } },
      'with the headers authorization',
    ],
  ])('refuses %s, and the message says what to set, not what was sent', async (_, config, words) => {
    const error = await clientOf({ url, tls, ...config })
      .query('up', Date.now())
      .catch((thrown: Error) => thrown)
    expect(error).toEqual(inconclusive('CHAOS_PROMETHEUS_DENIED'))
    expect(String(error)).toContain(words)
    expect(String(error)).not.toContain('horse')
  })

  it('is not believed without its certificate', async () => {
    const read = clientOf({ url, basicAuth: { username: 'reader', password: 'correct horse' } }).query('up', Date.now())
    await expect(read).rejects.toThrow(inconclusive('CHAOS_PROMETHEUS_UNREACHABLE'))
    await expect(read).rejects.toThrow(/certificate/)
  })
})

describe('a server that looks at everything', () => {
  const seen: { headers: NodeJS.Dict<string | string[]>; client: string | undefined }[] = []
  let url: string

  beforeAll(async () => {
    const server = createServer(
      {
        cert: certificate.cert,
        key: certificate.key,
        ca: certificate.cert,
        requestCert: true,
        rejectUnauthorized: false,
      },
      (request, response) => {
        const client = (request.socket as TLSSocket).getPeerCertificate().subject?.CN
        seen.push({ headers: request.headers, client: typeof client === 'string' ? client : undefined })
        const error = `no tenant for ${request.headers.authorization}`
        response.writeHead(400).end(JSON.stringify({ status: 'error', errorType: 'bad_data', error }))
      },
    )
    url = `https://127.0.0.1:${await listenOnLoopback(server)}`
    ending.push(() => {
      server.closeAllConnections()
      server.close()
    })
  })

  it('is given a token, a tenant and a certificate, and what it repeats of them is hidden', async () => {
    const client = clientOf(
      { url, headers: { 'X-Scope-OrgID': 'shop' }, tls: { ca: 'ca.pem', cert: 'ca.pem', key: 'key.pem' } },
      { CHAOS_TEST_PROMETHEUS_BEARER_TOKEN: 'the-token-of-the-shop' },
    )
    const error = await client.query('up', Date.now()).catch((thrown: Error) => thrown)
    expect(seen.at(-1)).toMatchObject({
      headers: { authorization: 'Bearer the-token-of-the-shop', 'x-scope-orgid': 'shop' },
      client: 'chaos-test lab',
    })
    expect(String(error)).toContain('no tenant for')
    expect(String(error)).not.toContain('the-token-of-the-shop')
  })

  it('is asked by a spec in the same way, and neither the journal nor a span has the token', async () => {
    const events: EventBody[] = []
    const spans: unknown[] = []
    const tracing = createTracing({ serviceName: 'test', onSpans: (exported) => spans.push(exported) })
    openSession({
      target: { kind: 'kubernetes', name: 'shop', kubeconfig: '', context: 'shop', namespace: 'default' },
      ...resolvePrometheus({ url, bearerToken: 'the-token-of-the-shop', tls: { ca: 'ca.pem' } }, folder, {}),
      safety: { ...defaultSafety, namespaces: ['*'] },
      record: (event) => events.push(event),
      perform: (_undo, _description, action) => action(),
      tracer: tracing.tracer,
      signal: () => new AbortController().signal,
      until: (_signal, work) => work(),
      atEnd: () => undefined,
      guardMethods: () => () => undefined,
    })
    await expect(prometheus.query('up')).rejects.toThrow('no tenant for')
    await tracing.shutdown()
    expect(seen.at(-1)?.headers.authorization).toBe('Bearer the-token-of-the-shop')
    expect(JSON.stringify([events, spans])).toContain('no tenant for')
    expect(JSON.stringify([events, spans])).not.toContain('the-token-of-the-shop')
  })

  it('is given the headers of the environment', async () => {
    const tls = { insecure: true }
    const client = clientOf({ url, tls }, { CHAOS_TEST_PROMETHEUS_HEADERS: 'X-Scope-OrgID=a, X-Api-Key = b=c' })
    await client.query('up', Date.now()).catch(() => undefined)
    expect(seen.at(-1)?.headers).toMatchObject({ 'x-scope-orgid': 'a', 'x-api-key': 'b=c' })
  })
})

describe('how to reach Prometheus', () => {
  it.each([
    ['no Prometheus at all', {}, {}, {}],
    [
      'the config before the environment',
      { url: 'http://a/p/' },
      { CHAOS_TEST_PROMETHEUS_URL: 'http://b' },
      { prometheusUrl: 'http://a/p' },
    ],
    [
      'the environment where the config is silent',
      { url: undefined },
      { CHAOS_TEST_PROMETHEUS_URL: 'http://b' },
      { prometheusUrl: 'http://b' },
    ],
  ])('%s', (_, config, environment, expected) => {
    const resolved = resolvePrometheus(config, folder, environment)
    expect(resolved).toMatchObject(expected)
    expect(Object.keys(resolved)).toHaveLength('prometheusUrl' in expected ? 2 : 0)
  })

  it.each<[string, PrometheusConfig]>([
    ['another protocol', { url: 'ftp://me:hunter22@a' }],
    ['two ways in', { url: 'http://a', bearerToken: 'hunter22', basicAuth: { username: 'me', password: 'hunter22' } }],
    ['a certificate without its key', { url: 'http://a', tls: { cert: 'ca.pem' } }],
    ['a file that is not there', { url: 'http://a', tls: { ca: 'none.pem' } }],
  ])('refuses %s', (_, config) => {
    const resolve = () => resolvePrometheus(config, folder, {})
    expect(resolve).toThrow(expect.objectContaining({ code: 'CHAOS_PROMETHEUS_ACCESS', verdict: 'usage' }))
    expect(resolve).not.toThrow(/hunter22/)
  })

  it.each([
    { url: 'hunter22' },
    { bearerToken: ['hunter22'] },
    { basicAuth: 'me:hunter22' },
    { headers: { authorization: { value: 'hunter22' } } },
    'hunter22',
  ])('says of a config that is not valid what is wrong, and not what is there: %o', (prometheus) => {
    const problems = problemsOf({ prometheus })
    expect(problems).toEqual([expect.stringContaining('prometheus')])
    expect(problems.join()).not.toContain('hunter22')
  })
})
