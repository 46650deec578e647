import { expect, test } from 'vitest'
import { toJsonValue } from '../../src/journal/json.ts'
import { redact, redacted, redactText } from '../../src/journal/redact.ts'
import { redactSpans } from '../../src/journal/redact-spans.ts'
import { redactionBy, secretsInEnvironment } from '../../src/journal/redaction.ts'

test.each([
  ['a header', { headers: { Authorization: 'Bearer s3cr3t', accept: '*/*' } }],
  ['names in any spelling', { apiKey: 's3cr3t', API_KEY: 's3cr3t', 'x-api-key': 's3cr3t', dbPassword: 's3cr3t' }],
  ['a number', { pin: 1, password: 12345 }],
  ['an object of secrets', { secret: { inner: 's3cr3t' }, tokens: ['s3cr3t'] }],
  ['an environment variable of a container', { env: [{ name: 'DB_PASSWORD', value: 's3cr3t' }] }],
  ['a Secret of Kubernetes', { kind: 'Secret', data: { ca: 's3cr3t' }, stringData: { other: 's3cr3t' } }],
  ['a command line', ['--token', 's3cr3t', '--api-key=s3cr3t', '--verbose']],
  ['a URL', 'could not reach https://admin:s3cr3t@host/path'],
  ['an assignment in a text', 'it said password=s3cr3t, then Authorization: Bearer s3cr3t and token: "s3cr3t x"'],
  ['a flag in a text', 'kubectl --token s3cr3t get pods'],
  ['a bearer in a text', 'sent "Bearer s3cr3t-s3cr3t" to it'],
  ['a text in a URL', 'http://host/?q=Authorization%3A%20Bearer%20s3cr3t-s3cr3t'],
  ['a bearer in a URL', 'http://host/?q=Bearer%20s3cr3t-s3cr3t&n=1'],
  ['JSON in a text', { annotations: { last: '{"env":[{"name":"API_TOKEN","value":"s3cr3t"}]}' } }],
  ['JSON in JSON in a text', JSON.stringify({ a: JSON.stringify({ password: 's3cr3t' }) })],
])('it hides the secret of %s', (_, value) => {
  const shown = JSON.stringify(redact(value))
  expect(shown).not.toContain('s3cr3t')
  expect(shown).not.toContain('12345')
  expect(shown).toContain(redacted)
})

test('values that were passed in are hidden wherever they stand', () => {
  const value = { message: 'the key abcdef and abcdefghi', list: [{ abcdef: 'xabcdefx' }], count: 3 }
  expect(redact(value, { secrets: ['abcdef', 'abcdefghi', 'x'] })).toEqual({
    message: `the key ${redacted} and ${redacted}`,
    list: [{ [redacted]: `x${redacted}x` }],
    count: 3,
  })
})

test('what is no secret stays as it is', () => {
  const value = {
    title: 'set image of deployment/service2 to counter/service2:v4',
    reason: 'expected an error rate below 1 %, but it was 6 %: 12 × 5xx',
    query: 'svc_responses_total{name="service1"}[20s]',
    url: 'http://127.18.67.10:8080/?q=1',
    text: '[1, 2] is a list',
    json: '{ "a": 1 }',
    volumes: [{ name: 'certs', secretName: 'certs' }],
    automountServiceAccountToken: false,
    env: [{ name: 'LOG_LEVEL', value: 'debug' }],
    password: null,
    traceId: '0af7651916cd43dd8448eb211c80319c',
    link: 'http://traces.test/trace/{traceId}',
  }
  expect(redact(value)).toEqual(value)
})

test('it never changes what it is given', () => {
  const value = { password: 'a-secret', list: [{ token: 'b-secret' }] }
  redact(value)
  expect(value).toEqual({ password: 'a-secret', list: [{ token: 'b-secret' }] })
})

test('any value has a JSON form', () => {
  const circular: Record<string, unknown> = { name: 'me' }
  circular.self = circular
  const value = {
    circular,
    nan: Number.NaN,
    big: 2n ** 64n,
    error: new TypeError('broken'),
    map: new Map([['a', new Set([1, 2])]]),
    date: new Date(0),
    invalidDate: new Date(Number.NaN),
    missing: undefined,
    list: [undefined, () => 1],
    own: { toJSON: () => ({ kept: true }) },
    thrown: {
      toJSON: () => {
        throw new Error('no')
      },
    },
  }
  expect(JSON.parse(JSON.stringify(toJsonValue(value)))).toEqual({
    circular: { name: 'me', self: '[circular]' },
    nan: null,
    big: '18446744073709551616',
    error: { name: 'TypeError', message: 'broken' },
    map: { a: [1, 2] },
    date: '1970-01-01T00:00:00.000Z',
    invalidDate: null,
    list: [null, null],
    own: { kept: true },
    thrown: { name: 'Error', message: 'no' },
  })
})

test('what a pattern matches is hidden', () => {
  const options = redactionBy({ secrets: [], patterns: [{ source: 'shop_[0-9a-f]{4}', flags: 'i' }] })
  expect(redact({ text: 'SHOP_12ab and shop_cd34', n: 1 }, options)).toEqual({
    text: `${redacted} and ${redacted}`,
    n: 1,
  })
})

test('a secret is hidden in the forms in which it may turn up', () => {
  const secret = 'a b/c?d'
  const { secrets = [] } = redactionBy({ secrets: [secret], patterns: [] })
  const text = `${secret} http://host/?q=${encodeURIComponent(secret)} data: ${Buffer.from(secret).toString('base64')}`
  expect(redactText(text, { secrets })).toBe(`${redacted} http://host/?q=${redacted} data: ${redacted}`)
})

test('of the environment, the values are secret whose names are', () => {
  const env = {
    NPM_TOKEN: 'npm-secret',
    HOME: '/home/me',
    KUBECONFIG: '/home/me/.kube',
    TOKEN: 'short',
    A_SECRET: undefined,
  }
  expect(secretsInEnvironment(env)).toEqual(['npm-secret'])
})

test('spans lose what is secret in them, and keep their ids', () => {
  const span = {
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: 'b7ad6b7169203331',
    startTimeUnixNano: '1700000000000000000',
    name: 'GET /?key=planted',
    attributes: [
      { key: 'http.request.header.authorization', value: { arrayValue: { values: [{ stringValue: 'Bearer x' }] } } },
      { key: 'n', value: { intValue: '3' } },
    ],
  }
  const [shown] = redactSpans([{ scopeSpans: [{ spans: [span] }] }], { secrets: ['planted'] })
  expect(shown).toEqual({
    scopeSpans: [
      {
        spans: [
          {
            ...span,
            name: `GET /?key=${redacted}`,
            attributes: [
              { key: 'http.request.header.authorization', value: { stringValue: redacted } },
              { key: 'n', value: { intValue: '3' } },
            ],
          },
        ],
      },
    ],
  })
})
