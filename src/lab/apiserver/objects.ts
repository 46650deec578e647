import type { ObjectMeta } from 'kubernetes-types/meta/v1.d.ts'

export type Json = null | boolean | number | string | Json[] | JsonObject
export interface JsonObject {
  [key: string]: Json
}

/** The metadata of an object that the server has accepted. */
export type StoredMeta = ObjectMeta & {
  name: string
  uid: string
  resourceVersion: string
  creationTimestamp: string
}

/**
 * An object as the store keeps it: without `kind` and `apiVersion`, which its resource says, and never changed once
 * stored, so that readers need no copy.
 */
export interface ApiObject {
  metadata: StoredMeta
  spec?: object
  status?: object
}

/** The stored form of a Kubernetes type. */
export type Stored<T> = {
  -readonly [Field in keyof T as Exclude<Field, 'apiVersion' | 'kind' | 'metadata'>]: T[Field]
} & { metadata: StoredMeta }

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A value of a client in a message: a name as it is, whatever else as JSON. (Its `toString` is the client's to choose.) */
export function shown(value: Json | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null)
}

/** The object as plain JSON, for what treats all kinds alike. */
export function asJson(object: ApiObject): JsonObject {
  return object as unknown as JsonObject
}

/** A copy that shares nothing with the original. */
export function copyOf<T>(value: T): T {
  return structuredClone(value)
}
