import type { StatusCause } from 'kubernetes-types/meta/v1.d.ts'

/** More than anybody reads: an object may have a hundred thousand wrong keys, and each has a message. */
const mostCauses = 100

/** What is wrong with the fields of an object, in Kubernetes' words. */
export class Problems {
  readonly causes: StatusCause[] = []

  required(field: string, detail = ''): void {
    this.#add('FieldValueRequired', field, detail ? `Required value: ${detail}` : 'Required value')
  }

  invalid(field: string, value: unknown, detail: string): void {
    this.#add('FieldValueInvalid', field, `Invalid value: ${shown(value)}: ${detail}`)
  }

  unsupported(field: string, value: unknown, supported: readonly string[]): void {
    const choices = supported.map((choice) => JSON.stringify(choice)).join(', ')
    this.#add('FieldValueNotSupported', field, `Unsupported value: ${shown(value)}: supported values: ${choices}`)
  }

  duplicate(field: string, value: unknown): void {
    this.#add('FieldValueDuplicate', field, `Duplicate value: ${shown(value)}`)
  }

  notFound(field: string, value: unknown): void {
    this.#add('FieldValueNotFound', field, `Not found: ${shown(value)}`)
  }

  forbidden(field: string, detail: string): void {
    this.#add('FieldValueForbidden', field, `Forbidden: ${detail}`)
  }

  /** Requires a choice that was made, or defaulted, to be one of those there are. */
  oneOf(field: string, value: string | undefined, supported: readonly string[]): void {
    if (!value) this.required(field)
    else if (!supported.includes(value)) this.unsupported(field, value, supported)
  }

  /** Requires a number, where there is one, to be at least 0. */
  notNegative(field: string, value: number | undefined): void {
    if (value !== undefined && value < 0) this.invalid(field, value, 'must be greater than or equal to 0')
  }

  #add(reason: string, field: string, message: string): void {
    if (this.causes.length < mostCauses) this.causes.push({ reason, message, field })
  }
}

function shown(value: unknown): string {
  return JSON.stringify(value) ?? 'null'
}
