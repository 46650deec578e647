import type { Call } from '../http/call.ts'
import { objectOf } from '../http/call.ts'
import { StatusError } from '../status.ts'
import type { Subresource } from './subresource.ts'

/** The output of a pod's containers, which the server does not have. */
export const log: Subresource = {
  verbs: {
    get(call: Call) {
      const { metadata } = objectOf(call)
      throw new StatusError(
        501,
        'NotImplemented',
        `the lab does not serve the logs of pods over its API: pod "${metadata.name}" writes to a file in the folder of the lab`,
        {},
      )
    },
  },
}
