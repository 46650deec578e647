/** A time as the Kubernetes API writes it: in whole seconds. */
export function apiTime(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19)}Z`
}
