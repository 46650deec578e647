/** What users saw in a second. */
export interface ChartSecond {
  requests: number
  failed: number
}

const mostBars = 60
const green = '#2da44e'
const red = '#cf222e'

/**
 * A chart of requests per second, and of those that failed over them, in Mermaid: what GitHub draws in a summary, where it
 * removes SVG. Nothing for less than three seconds.
 */
export function requestsChart(seconds: readonly ChartSecond[]): string[] {
  if (seconds.length < 3) return []
  const bars = inBars(seconds)
  const numbers = (key: keyof ChartSecond) => bars.map((bar) => Number(bar[key].toFixed(1))).join(', ')
  return [
    '```mermaid',
    `%%{init: {"themeVariables": {"xyChart": {"plotColorPalette": "${green}, ${red}"}}, "xyChart": {"height": 220}}}%%`,
    'xychart-beta',
    `  x-axis "seconds" 0 --> ${seconds.length}`,
    '  y-axis "requests/s (red: failed)"',
    `  bar [${numbers('requests')}]`,
    `  bar [${numbers('failed')}]`,
    '```',
  ]
}

const blocks = '▁▂▃▄▅▆▇█'

/** A line of failed requests over time, for a cell of a table: `▁▁▇█▁`. */
export function sparkline(seconds: readonly ChartSecond[]): string {
  const bars = inBars(seconds, 20)
  const most = Math.max(...bars.map(({ failed }) => failed))
  if (bars.length < 3 || most === 0) return ''
  return bars.map(({ failed }) => blocks[Math.round((failed / most) * (blocks.length - 1))]).join('')
}

/** As many seconds to a bar as it takes to have few enough of them. */
function inBars(seconds: readonly ChartSecond[], most = mostBars): ChartSecond[] {
  const width = Math.ceil(seconds.length / most)
  const bars: ChartSecond[] = []
  for (let start = 0; start < seconds.length; start += width) {
    const group = seconds.slice(start, start + width)
    const mean = (key: keyof ChartSecond) => group.reduce((sum, second) => sum + second[key], 0) / group.length
    bars.push({ requests: mean('requests'), failed: mean('failed') })
  }
  return bars
}
