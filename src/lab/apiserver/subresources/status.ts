import { patchObject } from '../verbs/patch.ts'
import { getObject } from '../verbs/read.ts'
import { updateObject } from '../verbs/update.ts'
import type { Subresource } from './subresource.ts'

/** What controllers and kubelets report: writes change the status, and the metadata of labels and annotations. */
export const status: Subresource = {
  verbs: {
    get: getObject,
    patch: (call) => patchObject(call, 'status'),
    update: (call) => updateObject(call, 'status'),
  },
}
