import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decodeProtobuf } from '../../../src/lab/apiserver/protobuf/decode.ts'
import { TestApi } from './api.ts'

/** A field of a message: a number, a text, or a message. */
function field(number: number, value: number | string | Buffer): Buffer {
  if (typeof value === 'number') return Buffer.concat([varint(number << 3), varint(value)])
  const bytes = Buffer.from(value as string)
  return Buffer.concat([varint((number << 3) | 2), varint(bytes.length), bytes])
}

function varint(value: number): Buffer {
  const bytes: number[] = []
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    bytes.push(rest < 128 ? rest : (rest % 128) | 0x80)
    if (rest < 128) return Buffer.from(bytes)
  }
}

function message(...fields: Buffer[]): Buffer {
  return Buffer.concat(fields)
}

/** An object as clients send it. */
function body(apiVersion: string, kind: string, object: Buffer): Buffer {
  return message(Buffer.from('k8s\0'), field(1, message(field(1, apiVersion), field(2, kind))), field(2, object))
}

const metadata = (name: string) => field(1, message(field(1, name), field(3, ''), field(8, Buffer.alloc(0))))
const label = (key: string, value: string) => message(field(1, key), field(2, value))

/** A deployment as `kubectl create deployment` sends it. */
const deployment = (() => {
  const selector = message(field(1, label('app', 'd')))
  const port = message(field(1, ''), field(2, 0), field(3, 80), field(4, ''), field(5, ''))
  const container = message(
    field(1, 'web'),
    field(2, 'web:v1'),
    field(6, port),
    field(8, Buffer.alloc(0)),
    field(14, ''),
  )
  const template = message(
    field(1, message(field(11, label('app', 'd')))),
    field(2, message(field(2, container), field(3, ''))),
  )
  const surge = message(field(1, 1), field(2, 0), field(3, '50%'))
  const strategy = message(field(1, 'RollingUpdate'), field(2, message(field(2, surge))))
  const spec = message(
    field(1, 0),
    field(2, selector),
    field(3, template),
    field(4, strategy),
    field(5, 0),
    field(7, 0),
  )
  return body('apps/v1', 'Deployment', message(metadata('d'), field(2, spec), field(3, message(field(1, 0)))))
})()

describe('an object as protobuf', () => {
  it('is what JSON would say: what was not said is absent, and a zero that was meant is there', () => {
    expect(decodeProtobuf(deployment)).toEqual({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'd' },
      spec: {
        replicas: 0,
        selector: { matchLabels: { app: 'd' } },
        template: {
          metadata: { labels: { app: 'd' } },
          spec: { containers: [{ name: 'web', image: 'web:v1', ports: [{ containerPort: 80 }], resources: {} }] },
        },
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '50%' } },
      },
    })
  })

  it('that is damaged, or has what is not known, is refused by name', () => {
    const namespace = (fields: Buffer) => body('v1', 'Namespace', fields)
    expect(() => decodeProtobuf(Buffer.from('{}'))).toThrow('does not begin as protobuf')
    expect(() => decodeProtobuf(deployment.subarray(0, deployment.length - 5))).toThrow('cut off')
    expect(() => decodeProtobuf(body('batch/v1', 'Job', Buffer.alloc(0)))).toThrow('the kind "Job"')
    expect(() => decodeProtobuf(namespace(field(99, 'x')))).toThrow('field 99 of Namespace')
    expect(() => decodeProtobuf(body('v1', 'constructor', Buffer.alloc(0)))).toThrow('the kind "constructor"')
  })

  describe('over HTTP', () => {
    let api: TestApi

    beforeAll(async () => {
      api = await TestApi.start()
    })
    afterAll(() => api.stop())

    const post = (path: string, bytes: Buffer) => api.send('POST', path, bytes, 'application/vnd.kubernetes.protobuf')

    it('is created as any other', async () => {
      expect((await post('/api/v1/namespaces', body('v1', 'Namespace', metadata('proto')))).code).toBe(201)
      const created = await post('/apis/apps/v1/namespaces/proto/deployments', deployment)
      expect(created).toMatchObject({ code: 201, body: { spec: { replicas: 0, revisionHistoryLimit: 10 } } })
    })

    it('asks whether something is allowed', async () => {
      const attributes = message(field(1, 'default'), field(2, 'create'), field(5, 'pods'))
      const review = body('authorization.k8s.io/v1', 'SelfSubjectAccessReview', field(2, field(1, attributes)))
      const answer = await post('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', review)
      expect(answer).toMatchObject({ code: 201, body: { status: { allowed: true } } })
    })

    it('that cannot be read is refused with advice', async () => {
      const refused = await post('/api/v1/namespaces', body('v1', 'Namespace', field(99, 'x')))
      expect(refused).toMatchObject({ code: 415, body: { reason: 'UnsupportedMediaType' } })
      expect(refused.body.message).toContain('--dry-run=client -o yaml')
    })
  })
})

describe('the description of the API', () => {
  it('has the fields that the lab reads, for kubectl explain', async () => {
    const api = await TestApi.start()
    const index = await api.get('/openapi/v3')
    expect(index.body.paths).toHaveProperty(['apis/apps/v1'], { serverRelativeURL: '/openapi/v3/apis/apps/v1' })
    const { body } = await api.get('/openapi/v3/apis/apps/v1')
    const { schemas } = body.components as { schemas: Record<string, { properties: Record<string, unknown> }> }
    expect(schemas['io.k8s.api.apps.v1.Deployment']?.properties.spec).toMatchObject({
      properties: { replicas: { type: 'integer' } },
    })
    // Who takes protobuf alone asks what the server can check: it checks by itself.
    const accept = 'application/com.github.proto-openapi.spec.v3@v1.0+protobuf'
    expect((await api.get('/openapi/v3/apis/apps/v1', accept)).code).toBe(404)
    await api.stop()
  })
})
