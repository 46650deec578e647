import type { HypothesisView } from '../../view.ts'
import type { TimeAxis } from '../axis.ts'
import { formatCount } from '../format.ts'
import type { ChartSpec } from './chart.ts'

/** A series over all windows that it was read in; between two of them nothing is known. */
interface Course {
  labels: Readonly<Record<string, string>>
  points: Map<number, number | null>
}

const mostCharts = 4
const hues = ['service-0', 'failed-5xx', 'service-1', 'service-3', 'service-2', 'service-4']

/** What Prometheus scraped, a chart for each metric. */
export function prometheusCharts(hypothesis: HypothesisView, axis: TimeAxis): ChartSpec[] {
  const metrics = Map.groupBy(coursesOf(hypothesis, axis), ({ labels }) => labels.__name__ ?? '')
  return [...metrics].slice(0, mostCharts).map(([metric, courses]) => metricChart(metric, courses))
}

function coursesOf({ readings }: HypothesisView, { zero }: TimeAxis): Course[] {
  const courses = new Map<string, Course>()
  for (const { from, series } of readings.toSorted((a, b) => a.from - b.from)) {
    for (const { labels, samples } of series) {
      const key = JSON.stringify(Object.entries(labels).sort())
      const course = courses.get(key) ?? { labels, points: new Map() }
      courses.set(key, course)
      const last = Math.max(...course.points.keys())
      const [first] = samples
      const startsAt = from + (first?.[0] ?? 0) - zero
      if (course.points.size > 0 && startsAt > last) course.points.set((startsAt + last) / 2, null)
      for (const [since, value] of samples) course.points.set(from + since - zero, value)
    }
  }
  return [...courses.values()]
}

function metricChart(metric: string, found: readonly Course[]): ChartSpec {
  // The series that rose most come first: they are what one looks for.
  const courses = found.toSorted((a, b) => riseOf(b) - riseOf(a)).slice(0, hues.length)
  const names = namesOf(courses)
  const times = [...new Set(courses.flatMap(({ points }) => [...points.keys()]))].sort((a, b) => a - b)
  const most = Math.max(1, ...courses.flatMap(({ points }) => [...points.values()].map((value) => value ?? 0)))
  return {
    title: 'Prometheus',
    unit: metric,
    heightPx: 96,
    // What a series has no sample for is drawn through (undefined); where nothing is known it ends (null).
    data: [times, ...courses.map(({ points }) => times.map((time) => points.get(time)))],
    series: names.map((label, index) => ({
      label,
      colour: isErrorName(label) ? 'failed-5xx' : colourAt(index, names),
      isLine: true,
      line: { widthPx: 1.5 },
      format: formatCount,
    })),
    y: { range: () => [0, most * 1.08] },
    ticks: (values) => values.map(formatCount),
  }
}

/** Red is for what counts errors, if anything does. */
function colourAt(index: number, names: readonly string[]): string {
  const calm = hues.filter((hue) => hue !== 'failed-5xx')
  return calm[names.slice(0, index).filter((name) => !isErrorName(name)).length % calm.length] ?? 'service-0'
}

function isErrorName(label: string): boolean {
  return /=(5\d\d|5xx|error|failed|failure)\b/i.test(label)
}

function riseOf({ points }: Course): number {
  const values = [...points.values()].filter((value) => value !== null)
  return Math.max(...values) - Math.min(...values)
}

/** The labels that tell them apart; of a single one, nothing need be said. */
function namesOf(courses: readonly Course[]): string[] {
  const keys = [...new Set(courses.flatMap(({ labels }) => Object.keys(labels)))]
  const telling = keys.filter((key) => new Set(courses.map(({ labels }) => labels[key])).size > 1)
  return courses.map(({ labels }) => telling.map((key) => `${key}=${labels[key] ?? ''}`).join(', ') || 'value')
}
