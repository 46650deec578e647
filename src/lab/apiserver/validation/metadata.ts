import type { ObjectMeta } from 'kubernetes-types/meta/v1.d.ts'
import { labelValue, type NameRule, qualifiedName } from './names.ts'
import type { Problems } from './problems.ts'

const largestAnnotationsBytes = 256 * 1024

export function checkMetadata(metadata: ObjectMeta, nameRule: NameRule, problems: Problems): void {
  const wrong = metadata.name === undefined ? undefined : nameRule(metadata.name)
  if (wrong) problems.invalid('metadata.name', metadata.name, wrong)
  checkLabels(metadata.labels, 'metadata.labels', problems)
  checkAnnotations(metadata.annotations, 'metadata.annotations', problems)
  for (const [index, owner] of (metadata.ownerReferences ?? []).entries()) {
    for (const field of ['apiVersion', 'kind', 'name', 'uid'] as const) {
      if (!owner[field]) problems.required(`metadata.ownerReferences[${index}].${field}`, 'must not be empty')
    }
  }
  for (const finalizer of metadata.finalizers ?? []) {
    const wrongFinalizer = qualifiedName(finalizer)
    if (wrongFinalizer) problems.invalid('metadata.finalizers', finalizer, wrongFinalizer)
  }
}

export function checkLabels(labels: ObjectMeta['labels'], field: string, problems: Problems): void {
  for (const [key, value] of Object.entries(labels ?? {})) {
    const wrongKey = qualifiedName(key)
    if (wrongKey) problems.invalid(field, key, wrongKey)
    const wrongValue = labelValue(value)
    if (wrongValue) problems.invalid(field, value, wrongValue)
  }
}

function checkAnnotations(annotations: ObjectMeta['annotations'], field: string, problems: Problems): void {
  let length = 0
  for (const [key, value] of Object.entries(annotations ?? {})) {
    const wrong = qualifiedName(key.toLowerCase())
    if (wrong) problems.invalid(field, key, wrong)
    length += Buffer.byteLength(key) + Buffer.byteLength(value)
  }
  if (length > largestAnnotationsBytes)
    problems.invalid(field, '', `Too long: must have at most ${largestAnnotationsBytes} bytes`)
}
