import { request } from 'undici'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { serveApi } from '../../../src/lab/metrics/http.ts'
import { identify } from '../../../src/lab/metrics/labels.ts'
import { Scraper } from '../../../src/lab/metrics/scraper.ts'
import { Storage } from '../../../src/lab/metrics/storage.ts'
import { systemClock } from '../../../src/support/clock.ts'

const nowMs = 1_000_000_000

let url: string
let close: () => Promise<void>

beforeAll(async () => {
  const storage = new Storage()
  for (let second = 0; second < 10; second++) {
    for (const code of ['200', '500']) {
      storage.append(identify({ __name__: 'responses', code, job: 'pods' }), nowMs + second * 1000, second)
    }
  }
  storage.append(identify({ __name__: 'odd' }), nowMs, Number.NEGATIVE_INFINITY)
  const scraper = new Scraper(storage, { intervalMs: 1000, timeoutMs: 1000 })
  const server = await serveApi(
    { storage, scraper, clock: { ...systemClock, now: () => nowMs + 9500 } },
    '127.0.0.1',
    0,
  )
  ;({ url, close } = server)
})

afterAll(() => close())

async function get(path: string, parameters: Record<string, string> = {}) {
  const { statusCode, body } = await request(`${url}${path}?${new URLSearchParams(parameters)}`)
  const text = await body.text()
  return { status: statusCode, text, json: () => JSON.parse(text) }
}

const query = async (text: string, time?: string) =>
  (await get('/api/v1/query', { query: text, ...(time === undefined ? {} : { time }) })).json()

describe('a query', () => {
  it('answers a selector with the values of now', async () => {
    expect(await query('responses{code="500"}')).toEqual({
      status: 'success',
      data: {
        resultType: 'vector',
        result: [{ metric: { __name__: 'responses', code: '500', job: 'pods' }, value: [1_000_009.5, '9'] }],
      },
    })
  })

  it.each([
    ['1000003.999', '3'],
    ['1970-01-12T13:46:43.999Z', '3'],
  ])('answers for the time %s', async (time, value) => {
    const { data } = await query('responses{code="500"}', time)
    expect(data.result[0].value[1]).toBe(value)
  })

  it('has no value before the first sample, nor five minutes after the last', async () => {
    for (const time of ['999999.999', '1000309']) expect((await query('responses', time)).data.result).toEqual([])
    expect((await query('responses', '1000308.999')).data.result).toHaveLength(2)
  })

  it('answers a range with the raw samples, left-open', async () => {
    const { data } = await query('responses{code="500"}[2s]', '1000005')
    expect(data).toEqual({
      resultType: 'matrix',
      result: [
        {
          metric: { __name__: 'responses', code: '500', job: 'pods' },
          values: [
            [1_000_004, '4'],
            [1_000_005, '5'],
          ],
        },
      ],
    })
  })

  it.each([
    ['{__name__="responses",code=~"5.."}', 1],
    ["responses{code!='500',}", 1],
    ['responses{code!~`5..`} # the rest', 1],
    ['responses{missing=""}', 2],
    ['{job=~".+"}', 2],
    ['responses{code=~"4.."}', 0],
    ['responses[1m30s]', 2],
    ['responses[90]', 2],
  ])('%s finds %d series', async (text, count) => {
    expect((await query(text)).data.result).toHaveLength(count)
  })

  it('writes infinity as Prometheus does', async () => {
    expect((await query('odd')).data.result[0].value[1]).toBe('-Inf')
  })

  it('takes a form', async () => {
    const { body } = await request(`${url}/api/v1/query`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'query=responses',
    })
    expect(await body.json()).toMatchObject({ data: { resultType: 'vector' } })
  })
})

describe('a query over a range', () => {
  const range = (text: string, parameters: Record<string, string> = {}) =>
    get('/api/v1/query_range', { query: text, start: '1000000', end: '1000009', step: '3', ...parameters })

  it('has a value at each step', async () => {
    expect((await range('rate(responses{code="500"}[2s])')).json()).toEqual({
      status: 'success',
      data: {
        resultType: 'matrix',
        result: [
          {
            metric: { code: '500', job: 'pods' },
            values: [
              [1_000_003, '1'],
              [1_000_006, '1'],
              [1_000_009, '1'],
            ],
          },
        ],
      },
      infos: [expect.stringContaining('metric might not be a counter')],
    })
  })

  it('takes a step as a duration, and answers a scalar as a series without labels', async () => {
    const { data } = (await range('1 + 1', { step: '1500ms', end: '1000003' })).json()
    expect(data).toEqual({
      resultType: 'matrix',
      result: [{ metric: {}, values: [1_000_000, 1_000_001.5, 1_000_003].map((time) => [time, '2']) }],
    })
  })

  it.each([
    [{ end: '999999' }, 'invalid parameter "end": end timestamp must not be before start timestamp'],
    [{ step: '0' }, 'invalid parameter "step": zero or negative query resolution step widths are not accepted'],
    [{ step: 'often' }, 'invalid parameter "step": cannot parse "often" to a valid duration'],
    [{ step: '' }, 'invalid parameter "step": it is missing'],
    [{ step: '1ms', end: '1000012' }, 'exceeded maximum resolution of 11,000 points per timeseries'],
    [{ query: 'responses[5m]' }, 'invalid expression type "range vector" for range query'],
    [{ query: '"text"' }, 'invalid expression type "string" for range query'],
  ])('%o is refused', async (parameters, message) => {
    const { status, json } = await range('responses', parameters)
    expect(status).toBe(400)
    expect(json()).toMatchObject({ errorType: 'bad_data', error: expect.stringContaining(message) })
  })
})

describe('other answers', () => {
  it.each([
    ['1h / 2', { resultType: 'scalar', result: [1_000_009.5, '1800'] }],
    ['"a text"', { resultType: 'string', result: [1_000_009.5, 'a text'] }],
    [
      'sum by (job) (responses)',
      { resultType: 'vector', result: [{ metric: { job: 'pods' }, value: [1_000_009.5, '18'] }] },
    ],
  ])('%s', async (text, data) => {
    expect((await query(text)).data).toEqual(data)
  })

  it('say what makes a result doubtful', async () => {
    expect((await query('quantile(2, responses)')).warnings).toEqual([
      'PromQL warning: quantile value should be between 0 and 1, got 2 (1:10)',
    ])
  })

  it('an evaluation that fails is no bad request', async () => {
    const { status, json } = await get('/api/v1/query', { query: 'responses + on () responses' })
    expect(status).toBe(422)
    expect(json()).toMatchObject({
      errorType: 'execution',
      error: expect.stringContaining('found duplicate series for the match group {} on the right hand-side'),
    })
  })

  it('a query that would take too much is refused before it does', async () => {
    expect(await query('count_over_time(vector(1)[10y:1ms])')).toMatchObject({
      errorType: 'execution',
      error: 'query processing would load too many samples into memory in query execution',
    })
  })
})

describe('what is beyond it is refused by its name', () => {
  it.each([
    ['histogram_count(responses)', 'the function histogram_count() (a native histogram)'],
    ['info(responses, {data=~".*"})', 'the function info() (joining info metrics)'],
    ['rate(responses[5m] smoothed)', 'the modifier smoothed'],
    ['responses anchored', 'the modifier anchored'],
    ['responses + fill(0) responses', 'the modifier fill'],
    ['responses[5m + 1m]', 'a duration that is an expression'],
    ['responses offset step()', 'a duration that is an expression'],
    ['responses </ 5', 'the operator </ (a native histogram)'],
  ])('%s', async (text, what) => {
    expect(await query(text)).toEqual({
      status: 'error',
      errorType: 'bad_data',
      error: `invalid parameter "query": ${what} is not supported by the lab's metrics server`,
    })
  })

  it.each([
    ['responses{', '1:11: parse error: unexpected end of input where a name was expected'],
    ['responses{code=500}', '1:16: parse error: unexpected number "500" where a quoted string was expected'],
    ['responses{code<"5"}', '1:15: parse error: unexpected "<" in label matching'],
    ['responses responses', '1:11: parse error: unexpected identifier "responses" after the expression'],
    ['sum(responses', '1:14: parse error: unexpected end of input where ")" was expected'],
    ['rate(responses)', '1:6: parse error: expected type range vector in call to function "rate", got instant vector'],
    ['rat(responses[5m])', '1:1: parse error: unknown function with name "rat"'],
    ['round(responses, 1, 2)', '1:1: parse error: expected at most 2 argument(s) in call to "round", got 3'],
    [
      'topk(responses)',
      '1:1: parse error: wrong number of arguments for aggregate expression provided, expected 2, got 1',
    ],
    ['1 == 2', '1:1: parse error: comparisons between scalars must use BOOL modifier'],
    ['1 and responses', '1:1: parse error: set operator "and" not allowed in binary scalar expression'],
    ['responses + bool 1', '1:1: parse error: bool modifier can only be used on comparison operators'],
    ['responses[5m] + 1', '1:1: parse error: binary expression must contain only scalar and instant vector types'],
    ['sum(responses)[5m]', '1:15: parse error: ranges only allowed for vector selectors'],
    ['sum(responses) offset 5m', '1:1: parse error: offset modifier must be preceded by an instant vector selector'],
    ['responses offset 5m offset 5m', '1:1: parse error: offset may not be set multiple times'],
    ['responses offset 5m[5m]', '1:20: parse error: no offset modifiers allowed before range'],
    ['responses[5z]', '1:11: parse error: bad number or duration syntax: "5z"'],
    ['responses[1m1h]', '1:11: parse error: unexpected duration "1m1h" where a duration was expected'],
    ['a{__name__="b"}', '1:1: parse error: metric name must not be set twice: "a" or "b"'],
    [' ', '1:1: parse error: no expression found in input'],
    ['responses[5]x', '1:13: parse error: unexpected identifier "x"'],
    ['responses[x]', '1:11: parse error: unexpected identifier "x" where a duration was expected'],
    ['responses{\n  code=~"("}', '2:9: parse error'],
    ['{code=""}', '1:1: parse error: vector selector must contain at least one non-empty matcher'],
    ['res$', '1:4: parse error: unexpected character: "$"'],
    ['{a="b', '1:4: parse error: unterminated quoted string'],
  ])('%s is no PromQL', async (text, message) => {
    const { error } = await query(text)
    expect(error).toContain(`invalid parameter "query": ${message}`)
  })

  it.each([
    ['/api/v1/query', {}, 'invalid parameter "query"'],
    ['/api/v1/query', { query: 'm', time: 'noon' }, 'invalid parameter "time"'],
    ['/api/v1/query_range', { query: 'm' }, 'invalid parameter "start": it is missing'],
    ['/api/v1/labels', { limit: 'few' }, 'invalid parameter "limit"'],
    ['/api/v1/series', {}, 'no match[] parameter provided'],
    ['/api/v1/series', { 'match[]': 'm[5m]' }, 'invalid parameter "match[]"'],
    ['/api/v1/label/%zz/values', {}, 'URI malformed'],
  ])('%s %o', async (path, parameters, message) => {
    const { status, json } = await get(path, parameters)
    expect(status).toBe(400)
    expect(json()).toMatchObject({ status: 'error', errorType: 'bad_data' })
    expect(json().error).toContain(message)
  })

  it('a path that there is not', async () => {
    expect(await get('/api/v1/rules')).toMatchObject({ status: 404 })
    expect(await get('/constructor')).toMatchObject({ status: 404 })
  })
})

describe('what there is', () => {
  it.each([
    ['/api/v1/series', { 'match[]': '{code=~".+"}' }, 2],
    ['/api/v1/series', { 'match[]': 'responses', start: '1000000', end: '1000000' }, 2],
    ['/api/v1/series', { 'match[]': 'responses', start: '1000010' }, 0],
    ['/api/v1/series', { 'match[]': 'responses', end: '999999' }, 0],
    ['/api/v1/series', { 'match[]': 'responses', limit: '1' }, 1],
    ['/api/v1/labels', { limit: '2' }, 2],
  ])('%s %o: %d', async (path, parameters, count) => {
    expect((await get(path, parameters)).json().data).toHaveLength(count)
  })

  it.each([
    ['/api/v1/labels', ['__name__', 'code', 'job']],
    ['/api/v1/label/code/values', ['200', '500']],
    ['/api/v1/label/__name__/values', ['odd', 'responses']],
    ['/api/v1/label/missing/values', []],
    ['/api/v1/metadata', {}],
    ['/api/v1/targets', { activeTargets: [], droppedTargets: [] }],
    ['/api/v1/status/buildinfo', expect.objectContaining({ version: expect.stringMatching(/^3\./) })],
  ])('%s', async (path, data) => {
    expect((await get(path)).json()).toEqual({ status: 'success', data })
  })

  it('is ready', async () => {
    for (const path of ['/-/ready', '/-/healthy']) expect(await get(path)).toMatchObject({ status: 200 })
  })
})
