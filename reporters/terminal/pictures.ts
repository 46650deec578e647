import type { ChalkInstance } from 'chalk'
import type { ReadyCounts } from '../../src/journal/events.ts'

const heights = '▁▂▃▄▅▆▇█'
const longest = 20

type Outcomes = Readonly<Record<string, number>>

/** The requests of the latest seconds as a small picture; a second in which some failed is red. */
export function sparkline(seconds: readonly Outcomes[], chalk: ChalkInstance): string {
  const shown = seconds.slice(-longest)
  const totals = shown.map((outcomes) => Object.values(outcomes).reduce((sum, number) => sum + number, 0))
  const most = Math.max(1, ...totals)
  const bars = shown.map((outcomes, index) => {
    const bar = heights[Math.round(((totals[index] ?? 0) / most) * (heights.length - 1))] ?? ''
    const failed = (totals[index] ?? 0) - (outcomes['2xx'] ?? 0) - (outcomes['3xx'] ?? 0)
    return failed > 0 ? chalk.red(bar) : chalk.dim(bar)
  })
  return bars.join('')
}

const widestBar = 12

/**
 * The pods of a rollout, one sign each while there are few: `▒` old, `█` new, `░` not ready. Told apart by their shades,
 * too, since there may be no colours.
 */
export function podBar({ before, later, notReady }: ReadyCounts, chalk: ChalkInstance): string {
  const scale = Math.min(1, widestBar / Math.max(1, before + later + notReady))
  const signs = (sign: string, pods: number) => sign.repeat(pods === 0 ? 0 : Math.max(1, Math.round(pods * scale)))
  return `${chalk.dim(signs('▒', before))}${chalk.green(signs('█', later))}${chalk.yellow(signs('░', notReady))}`
}
