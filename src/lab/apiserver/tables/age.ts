const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const YEAR = 365 * DAY

/** How long ago a time was, as kubectl shows it: `8s`, `2m5s`, `3h`, `5d12h`; `<unknown>` without a time. */
export function formatAge(time: string | undefined, nowMs: number): string {
  const thenMs = time === undefined ? Number.NaN : Date.parse(time)
  return Number.isNaN(thenMs) ? '<unknown>' : formatElapsed(nowMs - thenMs)
}

function formatElapsed(elapsedMs: number): string {
  const elapsed = Math.max(0, elapsedMs)
  if (elapsed < 2 * MINUTE) return `${Math.floor(elapsed / SECOND)}s`
  if (elapsed < 10 * MINUTE) return twoUnits(elapsed, MINUTE, 'm', SECOND, 's')
  if (elapsed < 3 * HOUR) return `${Math.floor(elapsed / MINUTE)}m`
  if (elapsed < 8 * HOUR) return twoUnits(elapsed, HOUR, 'h', MINUTE, 'm')
  if (elapsed < 2 * DAY) return `${Math.floor(elapsed / HOUR)}h`
  if (elapsed < 8 * DAY) return twoUnits(elapsed, DAY, 'd', HOUR, 'h')
  if (elapsed < 2 * YEAR) return `${Math.floor(elapsed / DAY)}d`
  if (elapsed < 8 * YEAR) return twoUnits(elapsed, YEAR, 'y', DAY, 'd')
  return `${Math.floor(elapsed / YEAR)}y`
}

function twoUnits(elapsed: number, large: number, largeName: string, small: number, smallName: string): string {
  const rest = Math.floor((elapsed % large) / small)
  return `${Math.floor(elapsed / large)}${largeName}${rest ? `${rest}${smallName}` : ''}`
}
