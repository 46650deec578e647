import type { Json, JsonObject } from '../../../src/lab/apiserver/objects.ts'
import type { Choices } from '../../support/choices.ts'
import { type Sample, samples } from './samples.ts'
import { mutated, nastyText, nastyValue } from './values.ts'

/** A request to an API server: hostile, wrong, odd or right. */
export interface FuzzRequest {
  method: string
  /** Path and query. */
  target: string
  headers: Record<string, string>
  body?: string | Buffer
}

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'TRACE']

/** Few names, so that requests meet objects of others. */
const names = ['a', 'b', 'c', 'fuzz-1', 'fuzz-2']

const objectTypes = ['application/json', 'application/yaml', 'application/json; charset=utf-8', '']
const patchTypes = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
]
const oddTypes = [
  'text/plain',
  'application/cbor',
  'application/x-www-form-urlencoded',
  'multipart/form-data',
  ';;;',
  '*/*',
]
const accepts = [
  'application/json',
  'application/json;as=Table;v=v1;g=meta.k8s.io,application/json',
  'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io',
  'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json',
  'application/vnd.kubernetes.protobuf',
  'application/yaml',
  'text/html',
  ',;,;as=,',
  '',
]

/** The next request. Its headers have a token and a host only where these are not the right ones. */
export function generateRequest(choices: Choices): FuzzRequest {
  const sample = choices.of(samples)
  const request = choices.weighted<FuzzRequest>([
    [5, () => creation(sample, choices)],
    [4, () => update(sample, choices)],
    [6, () => patch(sample, choices)],
    [4, () => reading(sample, choices)],
    [2, () => deletion(sample, choices)],
    [2, () => subresource(sample, choices)],
    [2, () => oddPath(choices)],
    [1, () => anything(sample, choices)],
  ])
  const { headers } = request
  if (choices.chance(0.15)) headers.accept = choices.of(accepts)
  if (choices.chance(0.03))
    headers.authorization = choices.of(['', 'Bearer', 'Bearer wrong', 'Basic YTpi', 'Bearer \u00e9'])
  if (choices.chance(0.02)) headers.host = choices.of(['evil.example', 'localhost', '127.0.0.1:1', '[::1]'])
  if (choices.chance(0.02)) headers['content-encoding'] = choices.of(['gzip', 'br', 'identity'])
  if (choices.chance(0.05)) headers['user-agent'] = choices.of(['', '/', 'kubectl/v1.32', 'x'.repeat(500)])
  return request
}

function creation(sample: Sample, choices: Choices): FuzzRequest {
  const object = sample.object(choices.of(names))
  return {
    method: 'POST',
    target: sample.collection + query(choices),
    ...written(mostlyWrong(object, choices), choices),
  }
}

function update(sample: Sample, choices: Choices): FuzzRequest {
  const name = choices.of(names)
  return {
    method: 'PUT',
    target: pathOf(sample, name, choices) + query(choices),
    ...written(mostlyWrong(sample.object(name), choices), choices),
  }
}

function mostlyWrong(object: JsonObject, choices: Choices): Json {
  return choices.chance(0.25) ? object : mutated(object, choices)
}

function patch(sample: Sample, choices: Choices): FuzzRequest {
  const type = choices.of(patchTypes)
  const name = choices.of(names)
  const value = type.includes('json-patch') ? jsonPatch(choices) : mergedPatch(sample.object(name), choices)
  const text = choices.chance(0.03) ? broken(JSON.stringify(value), choices) : JSON.stringify(value)
  return {
    method: 'PATCH',
    target:
      pathOf(sample, name, choices) + query(choices, choices.chance(0.8) ? ['fieldManager=fuzz', 'force=true'] : []),
    headers: { 'content-type': type },
    body: text,
  }
}

const pointers = [
  '',
  '/',
  '/metadata/labels/a',
  '/metadata/name',
  '/metadata/finalizers/-',
  '/spec/replicas',
  '/spec/template/spec/containers/0/image',
  '/spec/template/spec/containers/-',
  '/spec/containers/99999999999',
  '/spec/containers/01',
  '/data/k',
  '/__proto__/polluted',
  '/constructor/prototype/polluted',
  'no-slash',
  '/~2/~',
]

function jsonPatch(choices: Choices): Json {
  const operation = (): Json =>
    choices.chance(0.1)
      ? nastyValue(choices)
      : {
          op: choices.of(['add', 'remove', 'replace', 'move', 'copy', 'test', 'nonsense']),
          path: choices.of(pointers),
          ...(choices.chance(0.5) ? { from: choices.of(pointers) } : {}),
          ...(choices.chance(0.8) ? { value: nastyValue(choices) } : {}),
        }
  return choices.chance(0.05) ? nastyValue(choices) : choices.several(5, operation)
}

/** Part of an object, with what only patches know. */
function mergedPatch(object: JsonObject, choices: Choices): Json {
  const parts = Object.entries(object).filter(
    ([field]) => field === 'apiVersion' || field === 'kind' || choices.chance(0.7),
  )
  const directive = choices.weighted<JsonObject>([
    [6, () => ({})],
    [1, () => ({ $patch: choices.of(['replace', 'delete', 'merge', 'nonsense']) })],
    [1, () => ({ $retainKeys: nastyValue(choices) })],
    [1, () => ({ '$setElementOrder/data': nastyValue(choices) })],
    [1, () => ({ metadata: { '$deleteFromPrimitiveList/finalizers': nastyValue(choices) } })],
    [1, () => ({ metadata: { finalizers: choices.several(5, () => nastyText(choices)) } })],
    [
      1,
      () => ({
        spec: { template: { spec: { containers: [nastyValue(choices), { $patch: 'delete', name: 'app' }] } } },
      }),
    ],
    [1, () => ({ spec: { '$setElementOrder/containers': [nastyValue(choices)], containers: [{ name: 'x' }] } })],
  ])
  return mostlyWrong({ ...Object.fromEntries(parts), ...directive }, choices)
}

function reading(sample: Sample, choices: Choices): FuzzRequest {
  const path = choices.chance(0.5) ? sample.collection : pathOf(sample, choices.of(names), choices)
  return { method: choices.of(['GET', 'GET', 'GET', 'HEAD']), target: path + query(choices), headers: {} }
}

function deletion(sample: Sample, choices: Choices): FuzzRequest {
  const options: Json = {
    gracePeriodSeconds: 0,
    propagationPolicy: choices.of(['Background', 'Foreground', 'Orphan', 'Nonsense']),
    ...(choices.chance(0.3) ? { preconditions: { uid: nastyValue(choices) } } : {}),
  }
  // All nodes at once would be a right request, and the end of the lab's own.
  const all = choices.chance(0.1) && !sample.collection.endsWith('nodes')
  const path = all ? sample.collection : pathOf(sample, choices.of(names), choices)
  if (choices.chance(0.4)) return { method: 'DELETE', target: path + query(choices), headers: {} }
  return { method: 'DELETE', target: path + query(choices), ...written(mostlyWrong(options, choices), choices) }
}

const scale = { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 'a' }, spec: { replicas: 2 } }
const binding = {
  apiVersion: 'v1',
  kind: 'Binding',
  metadata: { name: 'a' },
  target: { kind: 'Node', name: 'nowhere' },
}
const eviction = {
  apiVersion: 'policy/v1',
  kind: 'Eviction',
  metadata: { name: 'a' },
  deleteOptions: { dryRun: ['All'] },
}

function subresource(sample: Sample, choices: Choices): FuzzRequest {
  const part =
    choices.chance(0.9) && sample.subresources.length > 0 ? choices.of(sample.subresources) : nastyText(choices)
  const target = `${sample.collection}/${choices.of(names)}/${encodeURIComponent(part.toWellFormed())}`
  const method = choices.of(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])
  const body = choices.of([scale, binding, eviction, sample.object('a')])
  if (method === 'GET') return { method, target: target + query(choices), headers: {} }
  const type = method === 'PATCH' ? { 'content-type': choices.of(patchTypes) } : {}
  const { headers, ...rest } = written(mostlyWrong(body, choices), choices)
  return { method, target: target + query(choices), headers: { ...headers, ...type }, ...rest }
}

const oddPaths = [
  '/',
  '//',
  '/api',
  '/api/',
  '/apis/apps',
  '/apis/apps/v1',
  '/apis/apps/v9/deployments',
  '/apis/batch/v1/jobs',
  '/apis/apps/v1/namespaces/default/statefulsets/a/scale',
  '/api/v1/../../etc/passwd',
  '/api/v1/%2e%2e/%2e%2e/etc/passwd',
  '/api/v1/namespaces/default/pods/..',
  '/api/v1/namespaces/default/pods/%2e%2e%2fsecrets',
  '/api/v1/namespaces/%00/pods',
  '/api/v1/namespaces//pods',
  '/api/v1/namespaces/nowhere/pods',
  '/api/v1/pods/%',
  '/api/v1/pods/%zz',
  '/api/v1/pods/%c3%28',
  '/api/v1/__proto__',
  '/api/v1/constructor/toString',
  '/apis/__proto__/v1/pods',
  '/openapi/v2',
  '/openapi/v3',
  '/openapi/v3/apis/apps/v1',
  '/openapi/v3/apis/__proto__',
  '/healthz',
  '/livez?verbose',
  '/readyz',
  '/version',
  '/metrics',
  '/logs',
  '/api/v1/namespaces/default/pods/a/exec?command=none&stdout=1',
  '/api/v1/namespaces/default/pods/a/proxy/x',
  '/api/v1/watch/pods',
  'http://evil.example/api/v1/pods',
  '*',
]

function oddPath(choices: Choices): FuzzRequest {
  const target = choices.weighted([
    [6, () => choices.of(oddPaths)],
    [1, () => `/api/v1/${'a/'.repeat(choices.below(3000))}`],
    [1, () => `/${'/'.repeat(choices.below(3000))}`],
    [
      2,
      () =>
        choices
          .several(8, () => encodeURIComponent(nastyText(choices).toWellFormed()))
          .reduce((a, b) => `${a}/${b}`, ''),
    ],
  ])
  return { method: choices.of(methods), target: target || '/', headers: {} }
}

function anything(sample: Sample, choices: Choices): FuzzRequest {
  return {
    method: choices.of(methods.slice(0, 5)),
    target: `${sample.collection}/fuzz-1${query(choices)}`,
    headers: { 'content-type': choices.of([...objectTypes, ...patchTypes, ...oddTypes]) },
    body: bytes(choices),
  }
}

/** The object as a body, at times in a form that is none. */
function written(value: Json, choices: Choices): Pick<FuzzRequest, 'body' | 'headers'> {
  const text = JSON.stringify(value)
  return choices.weighted<Pick<FuzzRequest, 'body' | 'headers'>>([
    [16, () => ({ headers: { 'content-type': choices.of(objectTypes) }, body: text })],
    [1, () => ({ headers: { 'content-type': choices.of(objectTypes) }, body: broken(text, choices) })],
    [1, () => ({ headers: { 'content-type': choices.of(oddTypes) }, body: text })],
    [1, () => ({ headers: { 'content-type': 'application/vnd.kubernetes.protobuf' }, body: bytes(choices) })],
    [1, () => ({ headers: { 'content-type': 'application/yaml' }, body: yaml(choices) })],
  ])
}

function broken(text: string, choices: Choices): string {
  const at = choices.below(text.length)
  return choices.of([text.slice(0, at), text.slice(at), `${text}${text}`, `\ufeff${text}`, text.replaceAll('"', "'")])
}

/** YAML that multiplies, refers, loops, is several documents, or none. */
function yaml(choices: Choices): string {
  return choices.of([
    `a: &a [x, x]\n${[...'bcdefghij'].map((name, i) => `${name}: &${name} [${`*${'abcdefghij'[i]}, `.repeat(9)}]`).join('\n')}`,
    'metadata: &m\n  name: a\n  again: *m\n',
    'kind: ConfigMap\n---\nkind: Pod\n',
    '%TAG ! tag:x\n--- !!js/function "x"\n',
    'metadata: {name: !!binary AAAA, labels: !!set {a, b}}',
    '? [a, b]\n: c\n',
    'a: 2026-01-01\nb: 0x7f\nc: 1_000\nd: .inf\n',
    '- '.repeat(choices.below(400)),
    '{'.repeat(choices.below(3000)),
    '"'.repeat(choices.below(100)),
    '\t\t- x',
    '<<: {a: b}\nkind: ConfigMap',
    '? '.repeat(choices.below(3000)),
  ])
}

function bytes(choices: Choices): Buffer {
  const random = () => Buffer.from(Array.from({ length: choices.below(200) }, () => choices.below(256)))
  return choices.weighted([
    [3, random],
    [3, () => Buffer.concat([Buffer.from('k8s\0\n\x0f\n\x02v1\x12\x09ConfigMap\x12'), random()])],
    [1, () => Buffer.from([0x1f, 0x8b, 8, 0, 0])],
    [1, () => Buffer.from('\ud800{"a":1}')],
    [1, () => Buffer.alloc(0)],
  ])
}

const selectors = [
  'app=fuzz',
  'app==fuzz',
  'app!=fuzz',
  'app in (a,b)',
  'app notin (',
  '!app',
  'app',
  '=',
  ',,',
  '(((',
  ')',
  'a in (b',
  '!',
  '!!a',
  'a=b=c',
]
const fieldSelectors = [
  'metadata.name=a',
  'status.phase!=Running',
  'spec.nodeName=',
  '__proto__=a',
  'constructor!=',
  'x',
  '=',
  'a=b=c',
  ',,',
]
const versions = ['', '0', '1', '-1', '999999999', '99999999999999999999', '1e3', 'abc', '0x1', ' 1']

function query(choices: Choices, more: string[] = []): string {
  const parameter = () =>
    choices.weighted([
      [3, () => `labelSelector=${escaped(selectorText(selectors, choices))}`],
      [3, () => `fieldSelector=${escaped(selectorText(fieldSelectors, choices))}`],
      [2, () => `watch=${choices.of(['true', '1', 'false', 'yes', ''])}`],
      [2, () => `resourceVersion=${escaped(choices.of(versions))}`],
      [1, () => `resourceVersionMatch=${choices.of(['Exact', 'NotOlderThan', 'x'])}`],
      [1, () => `timeoutSeconds=${escaped(choices.of(versions))}`],
      [1, () => `limit=${escaped(choices.of(versions))}&continue=${escaped(nastyText(choices))}`],
      [2, () => `dryRun=${choices.of(['All', '', 'None'])}`],
      [1, () => `fieldManager=${escaped(nastyText(choices))}`],
      [1, () => `fieldValidation=${choices.of(['Strict', 'Warn', 'Ignore', 'x'])}`],
      [1, () => `gracePeriodSeconds=${escaped(choices.of(versions))}`],
      [1, () => `propagationPolicy=${choices.of(['Orphan', 'Foreground', 'x'])}`],
      [1, () => `includeObject=${choices.of(['None', 'Object', 'x'])}`],
      [1, () => 'sendInitialEvents=true&allowWatchBookmarks=true'],
      [1, () => `follow=${choices.of(['true', ''])}&tailLines=${escaped(choices.of(versions))}&previous=true`],
      [1, () => `container=${escaped(nastyText(choices))}`],
      [1, () => `${escaped(nastyText(choices))}=${escaped(nastyText(choices))}`],
      [1, () => choices.of(['%', '%zz=1', '&&&', '=', '?', '%00=%00'])],
    ])
  const all = [...more, ...(choices.chance(0.5) ? choices.several(3, parameter) : [])]
  return all.length > 0 ? `?${all.join('&')}` : ''
}

function selectorText(known: readonly string[], choices: Choices): string {
  return choices.weighted([
    [4, () => choices.several(3, () => choices.of(known)).join(',')],
    [1, () => nastyText(choices)],
    [1, () => choices.of([',', '(', '!', ' ', 'a,', 'a in (b),', '=', '()']).repeat(choices.below(1000))],
  ])
}

function pathOf({ collection }: Sample, name: string, choices: Choices): string {
  return choices.chance(0.95) ? `${collection}/${name}` : `${collection}/${escaped(nastyText(choices))}`
}

/** As clients write texts into targets. */
function escaped(text: string): string {
  return encodeURIComponent(text.toWellFormed())
}
