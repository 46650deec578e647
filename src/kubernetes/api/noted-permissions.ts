import type { Permission } from './permissions.ts'

type Listener = (permission: Permission) => void

const noted = new Set<string>()
let listener: Listener | undefined

/**
 * Tells of each permission that this process needs, once: what it asks of the API, and what its actions say that they
 * and their undos need. What was noted before is not told.
 */
export function onPermissionNoted(tell: Listener): void {
  listener = tell
}

export function notePermission(permission: Permission): void {
  if (!listener) return
  const key = JSON.stringify(permission)
  if (noted.has(key)) return
  noted.add(key)
  listener(permission)
}
