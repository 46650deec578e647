import { updateObject } from '../verbs/update.ts'
import type { Subresource } from './subresource.ts'

/** Where the finalizers of a namespace's spec are taken away, when its contents are gone. */
export const finalize: Subresource = {
  verbs: { update: (call) => updateObject(call, 'finalizers') },
}
