import type { ApiObject } from '../objects.ts'
import { formatAge } from './age.ts'

/** A column of the tables that people read. */
export interface Column<T extends ApiObject = ApiObject> {
  name: string
  type: 'integer' | 'string'
  format?: 'name'
  /** Whether it is shown with `-o wide` only. */
  wide?: boolean
  cell(object: T, nowMs: number): number | string
}

/** A column of text. */
export function textColumn<T extends ApiObject>(name: string, cell: (object: T, nowMs: number) => string): Column<T> {
  return { name, type: 'string', cell }
}

export function integerColumn<T extends ApiObject>(name: string, cell: (object: T) => number): Column<T> {
  return { name, type: 'integer', cell }
}

/** The column, shown with `-o wide` only. */
export function wide<T extends ApiObject>(column: Column<T>): Column<T> {
  return { ...column, wide: true }
}

const shownInList = 3

/** The first of a list, and how many more there are; `none` where it is empty. */
export function shortList(all: readonly string[], none: string): string {
  const shown = all.slice(0, shownInList).join(',')
  if (all.length > shownInList) return `${shown} + ${all.length - shownInList} more...`
  return shown || none
}

export const nameColumn: Column = {
  name: 'Name',
  type: 'string',
  format: 'name',
  cell: ({ metadata }) => metadata.name,
}

export const ageColumn: Column = textColumn('Age', ({ metadata }, nowMs) =>
  formatAge(metadata.creationTimestamp, nowMs),
)
