import type { Json, JsonObject } from '../../../src/lab/apiserver/objects.ts'
import type { Choices } from '../../support/choices.ts'

/** Words that mean something to JavaScript, to paths, to selectors, to patches, to what reads numbers and names. */
const nastyWords = [
  '',
  ' ',
  'a',
  'null',
  'undefined',
  'NaN',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '__proto__',
  '$patch',
  '$retainKeys',
  '$setElementOrder/containers',
  '$deleteFromPrimitiveList/finalizers',
  'metadata',
  'name',
  'spec',
  '../../../etc/passwd',
  '/',
  '~1~0',
  '\0',
  '\u2028',
  '\ud800',
  'ünï/çødé',
  '😀'.repeat(20),
  '-1',
  '1e999',
  '9007199254740993',
  '25%',
  '99999999999999999999%',
  '1Ki',
  '1e1e1',
  '2026-01-01T00:00:00Z',
  '0000-00-00',
  '127.0.0.1',
  '999.1.1.1',
  'None',
  'Always',
  '$(HOME)',
  '$($($(A)))',
  '-'.repeat(300),
  'a-'.repeat(40),
  'a'.repeat(63),
  `${'a'.repeat(250)}!`,
  `${'a.'.repeat(126)}!`,
  'kubernetes.io/a/b',
  'example.com/',
  '=,!()',
  'in (',
  '\r\nX: y',
]

const nastyNumbers = [0, -0, -1, 1, 0.5, 65_536, 2 ** 31, -(2 ** 31), 2 ** 53, 1e21, -1e308]

export function nastyText(choices: Choices): string {
  return choices.weighted([
    [8, () => choices.of(nastyWords)],
    [1, () => choices.of(nastyWords).repeat(choices.below(50))],
    [1, () => String.fromCharCode(...choices.several(20, () => choices.below(0xffff)))],
    [1, () => choices.of(nastyWords) + choices.of(nastyWords)],
  ])
}

/** Any JSON, mostly small. */
export function nastyValue(choices: Choices, depth = 0): Json {
  return choices.weighted<Json>([
    [3, () => nastyText(choices)],
    [2, () => choices.of(nastyNumbers)],
    [1, () => null],
    [1, () => choices.chance(0.5)],
    [depth < 4 ? 1 : 0, () => choices.several(4, () => nastyValue(choices, depth + 1))],
    [depth < 4 ? 1 : 0, () => nastyObject(choices, depth + 1)],
  ])
}

export function nastyObject(choices: Choices, depth = 0): JsonObject {
  return Object.fromEntries(choices.several(4, () => [nastyText(choices), nastyValue(choices, depth)]))
}

/** The same, with one thing wrong somewhere in it, or a few. */
export function mutated(value: Json, choices: Choices): Json {
  const changed: Json = structuredClone(value)
  const changes = 1 + choices.below(3)
  let root = changed
  for (let change = 0; change < changes; change++) root = mutateOnce(root, choices)
  return root
}

function mutateOnce(root: Json, choices: Choices): Json {
  const places = placesOf(root)
  if (places.length === 0) return nastyValue(choices)
  const { holder, key } = choices.of(places)
  const there = holder[key] as Json
  choices.weighted([
    [4, () => set(holder, key, nastyValue(choices))],
    [2, () => remove(holder, key)],
    [2, () => set(holder, nastyText(choices), nastyValue(choices))],
    [1, () => set(holder, key, [there])],
    [1, () => set(holder, key, { [nastyText(choices)]: there })],
    [1, () => set(holder, key, Array.isArray(there) ? [...there, ...there] : there)],
    [1, () => set(holder, key, nested(there, choices.below(300)))],
  ])
  return root
}

interface Place {
  holder: JsonObject
  key: string
}

function placesOf(value: Json): Place[] {
  if (typeof value !== 'object' || value === null) return []
  const holder = value as JsonObject
  return Object.entries(holder).flatMap(([key, below]) => [{ holder, key }, ...placesOf(below)])
}

/** An own field, whatever its name. */
function set(holder: JsonObject, key: string, value: Json): void {
  if (Array.isArray(holder) && !/^\d+$/.test(key)) holder.push(value)
  else Object.defineProperty(holder, key, { value, enumerable: true, configurable: true, writable: true })
}

function remove(holder: JsonObject, key: string): void {
  if (Array.isArray(holder)) holder.splice(Number(key), 1)
  else delete holder[key]
}

function nested(value: Json, depth: number): Json {
  let inner = value
  for (let level = 0; level < depth; level++) inner = [inner]
  return inner
}
