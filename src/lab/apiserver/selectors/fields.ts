import type { ApiObject } from '../objects.ts'
import { badRequest } from '../status.ts'

/** Reads a field of one kind. (The type of a method, so that kinds can be treated alike.) */
type FieldReader<T extends ApiObject> = { read(object: T): string | undefined }['read']

/** The fields of a kind that a query can select by, each with how it is read. */
export type SelectableFields<T extends ApiObject = ApiObject> = Readonly<Record<string, FieldReader<T>>>

export type FieldMatcher = (object: ApiObject) => boolean

/** The fields that every kind can be selected by. */
const common: SelectableFields = {
  'metadata.name': ({ metadata }) => metadata.name,
  'metadata.namespace': ({ metadata }) => metadata.namespace,
}

/**
 * Reads a field selector of a query: `spec.nodeName=lab-1,status.phase!=Running`.
 * @throws StatusError 400 for what is no selector, or a field that the kind cannot be selected by
 */
export function parseFieldSelector(text: string, fields: SelectableFields): FieldMatcher {
  const terms = text.split(',').filter((term) => term !== '')
  const matchers = terms.map((term): FieldMatcher => {
    const parts = /^([^=!]+)(==|=|!=)(.*)$/.exec(term)
    if (!parts) throw badRequest(`invalid selector: '${text}'; can't understand '${term}'`)
    const [, field = '', sign, value] = parts
    const read = Object.hasOwn(fields, field) ? fields[field] : Object.hasOwn(common, field) ? common[field] : undefined
    if (!read) throw badRequest(`field label not supported: ${field}`)
    return (object) => ((read(object) ?? '') === value) === (sign !== '!=')
  })
  return (object) => matchers.every((matches) => matches(object))
}
