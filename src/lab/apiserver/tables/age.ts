const secondMs = 1000
const minuteMs = 60 * secondMs
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs
const yearMs = 365 * dayMs

/** How long ago a time was, as kubectl shows it: `8s`, `2m5s`, `3h`, `5d12h`; `<unknown>` without a time. */
export function formatAge(time: string | undefined, nowMs: number): string {
  const thenMs = time === undefined ? Number.NaN : Date.parse(time)
  return Number.isNaN(thenMs) ? '<unknown>' : formatElapsed(nowMs - thenMs)
}

function formatElapsed(elapsedMs: number): string {
  const elapsed = Math.max(0, elapsedMs)
  if (elapsed < 2 * minuteMs) return `${Math.floor(elapsed / secondMs)}s`
  if (elapsed < 10 * minuteMs) return twoUnits(elapsed, minuteMs, 'm', secondMs, 's')
  if (elapsed < 3 * hourMs) return `${Math.floor(elapsed / minuteMs)}m`
  if (elapsed < 8 * hourMs) return twoUnits(elapsed, hourMs, 'h', minuteMs, 'm')
  if (elapsed < 2 * dayMs) return `${Math.floor(elapsed / hourMs)}h`
  if (elapsed < 8 * dayMs) return twoUnits(elapsed, dayMs, 'd', hourMs, 'h')
  if (elapsed < 2 * yearMs) return `${Math.floor(elapsed / dayMs)}d`
  if (elapsed < 8 * yearMs) return twoUnits(elapsed, yearMs, 'y', dayMs, 'd')
  return `${Math.floor(elapsed / yearMs)}y`
}

function twoUnits(elapsed: number, large: number, largeName: string, small: number, smallName: string): string {
  const rest = Math.floor((elapsed % large) / small)
  return `${Math.floor(elapsed / large)}${largeName}${rest ? `${rest}${smallName}` : ''}`
}
