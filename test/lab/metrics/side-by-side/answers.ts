import { request } from 'undici'

/** What the API of a Prometheus answered. */
export interface Answer {
  status: string
  errorType?: string
  error?: string
  data?: unknown
}

interface Data {
  resultType: string
  result: unknown
}

interface Element {
  metric: Record<string, string>
  value?: [number, string]
  values?: [number, string][]
}

const relativeTolerance = 1e-9
const absoluteTolerance = 1e-12

export async function ask(url: string, path: string, parameters: Record<string, string>): Promise<Answer> {
  const { body } = await request(`${url}/api/v1/${path}?${new URLSearchParams(parameters)}`)
  return (await body.json()) as Answer
}

/** What differs in two answers to the same query; undefined when nothing does. */
export function difference(lab: Answer, real: Answer): string | undefined {
  if (lab.status !== 'success') return `the lab answered ${JSON.stringify(lab)}`
  const [first, second] = [lab.data as Data, real.data as Data]
  if (first.resultType !== second.resultType)
    return `the lab has a ${first.resultType}, the other a ${second.resultType}`
  if (first.resultType === 'scalar' || first.resultType === 'string') {
    return pointDifference('', first.result as [number, string], second.result as [number, string])
  }
  const [found, expected] = [byLabels(first.result as Element[]), byLabels(second.result as Element[])]
  const only = [...found.keys()].find((key) => !expected.has(key))
  if (only !== undefined) return `only the lab has ${only}: ${JSON.stringify(found.get(only))}`
  for (const [key, points] of expected) {
    const own = found.get(key)
    if (!own) return `only the other has ${key}: ${JSON.stringify(points)}`
    if (own.length !== points.length)
      return `${key}: ${own.length} values and ${points.length}: ${JSON.stringify([own, points])}`
    for (const [i, point] of points.entries()) {
      const differs = pointDifference(key, own[i] ?? [0, 'nothing'], point)
      if (differs) return differs
    }
  }
  return undefined
}

/** The samples of a range vector, by the labels of their series. */
export function samplesOf({ data }: Answer): Map<string, [number, string][]> {
  return byLabels((data as Data).result as Element[])
}

/** The values of an instant vector, by the labels of their series. */
export function valuesOf(answer: Answer): Map<string, number> {
  return new Map([...samplesOf(answer)].map(([key, [point]]) => [key, numberOf(point?.[1] ?? '')]))
}

function byLabels(elements: readonly Element[]): Map<string, [number, string][]> {
  return new Map(
    elements.map(({ metric, value, values }) => [
      JSON.stringify(Object.entries(metric).sort()),
      values ?? (value ? [value] : []),
    ]),
  )
}

function pointDifference(
  key: string,
  [at, value]: [number, string],
  [otherAt, other]: [number, string],
): string | undefined {
  if (Math.abs(at - otherAt) < 0.0005 && (value === other || isClose(numberOf(value), numberOf(other))))
    return undefined
  return `${key}: the lab has ${value} at ${at}, the other ${other} at ${otherAt}`
}

function numberOf(text: string): number {
  return Number(text.replace('Inf', 'Infinity'))
}

/** Equal but for rounding. */
export function isClose(a: number | undefined, b: number | undefined): boolean {
  if (a === undefined || b === undefined) return false
  if (a === b || (Number.isNaN(a) && Number.isNaN(b))) return true
  return Math.abs(a - b) <= absoluteTolerance + relativeTolerance * Math.max(Math.abs(a), Math.abs(b))
}
