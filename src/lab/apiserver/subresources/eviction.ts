import { type Answer, jsonAnswer } from '../http/answer.ts'
import { readObject } from '../http/body.ts'
import { type Call, objectOf } from '../http/call.ts'
import { isJsonObject } from '../objects.ts'
import { deleteOptionsFrom, remove } from '../verbs/remove.ts'
import type { Subresource } from './subresource.ts'

/** A deletion that asks first. Nothing holds evictions back here, as the lab serves no disruption budgets. */
export const eviction: Subresource = {
  kind: { group: 'policy', version: 'v1', kind: 'Eviction' },
  verbs: { create: evict },
}

async function evict(call: Call): Promise<Answer> {
  const { deleteOptions } = await readObject(call.request)
  remove(call, objectOf(call), deleteOptionsFrom(isJsonObject(deleteOptions) ? deleteOptions : {}))
  return jsonAnswer({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 }, 201)
}
