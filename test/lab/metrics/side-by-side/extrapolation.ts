/**
 * What Prometheus made of the samples of a range before 2.51: a counter that begins within the range was extrapolated
 * up to where it would have been zero, when that was nearer than a sample. Since then no series is extrapolated further
 * than half the distance of its samples at that end. (https://github.com/prometheus/prometheus/pull/13725)
 */
export function before251(
  meaning: 'rate' | 'increase' | 'delta',
  samples: readonly [seconds: number, value: string][],
  endMs: number,
  rangeSeconds: number,
): number {
  const points = samples.map(([at, value]) => ({ at: Math.round(at * 1000) - endMs, value: Number(value) }))
  const [first, last] = [points[0] ?? { at: 0, value: 0 }, points.at(-1) ?? { at: 0, value: 0 }]
  const isCounter = meaning !== 'delta'
  let change = last.value - first.value
  for (const [i, { value }] of points.entries()) {
    const before = points[i - 1]?.value ?? value
    if (isCounter && value < before) change += before
  }
  // In seconds, and before the end.
  const sampled = (last.at - first.at) / 1000
  const distance = sampled / (points.length - 1)
  let toStart = first.at / 1000 + rangeSeconds
  if (isCounter && change > 0 && first.value >= 0) toStart = Math.min(toStart, sampled * (first.value / change))
  const toEnd = -last.at / 1000
  const shown = [toStart, toEnd].map((gap) => (gap < distance * 1.1 ? gap : distance / 2))
  const extrapolated = change * ((sampled + shown.reduce((sum, gap) => sum + gap, 0)) / sampled)
  return meaning === 'rate' ? extrapolated / rangeSeconds : extrapolated
}
