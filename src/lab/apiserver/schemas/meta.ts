import { always, flag, integer, list, listBy, map, struct, text, union } from './schema.ts'

export const objectMeta = always(
  struct({
    name: text,
    generateName: text,
    namespace: text,
    uid: text,
    resourceVersion: text,
    generation: integer,
    creationTimestamp: text,
    deletionTimestamp: text,
    deletionGracePeriodSeconds: integer,
    labels: map(text),
    annotations: map(text),
    finalizers: union(text),
    ownerReferences: listBy(
      'uid',
      struct({ apiVersion: text, kind: text, name: text, uid: text, controller: flag, blockOwnerDeletion: flag }),
    ),
    managedFields: list(
      struct({
        manager: text,
        operation: text,
        apiVersion: text,
        time: text,
        fieldsType: text,
        fieldsV1: struct({}),
        subresource: text,
      }),
    ),
  }),
)

export const labelSelector = struct({
  matchLabels: map(text),
  matchExpressions: list(struct({ key: text, operator: text, values: list(text) })),
})

/** Conditions as most kinds have them; patches merge them by type. */
export const conditions = listBy('type', struct({ type: text, status: text, reason: text, message: text }))

export const objectReference = struct({
  apiVersion: text,
  kind: text,
  namespace: text,
  name: text,
  uid: text,
  resourceVersion: text,
  fieldPath: text,
})
