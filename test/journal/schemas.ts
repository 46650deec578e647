import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Ajv, type AnySchemaObject } from 'ajv'

function schemaNamed(name: string): AnySchemaObject {
  return JSON.parse(readFileSync(new URL(`../../src/journal/schema/${name}.schema.json`, import.meta.url), 'utf8'))
}

const nullable = (schema: object) => ({ anyOf: [schema, { type: 'null' }] })
const time = { type: 'string', pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?\\+00:00$' }
const activity = {
  type: 'object',
  required: ['type', 'name', 'provider'],
  properties: {
    type: { enum: ['probe', 'action'] },
    name: { type: 'string', minLength: 1 },
    provider: { type: 'object', required: ['type'], properties: { type: { type: 'string' } } },
    background: { type: 'boolean' },
  },
}
const run = {
  type: 'object',
  required: ['activity', 'output', 'status', 'start', 'end', 'duration'],
  properties: {
    activity,
    status: { enum: ['succeeded', 'failed'] },
    start: time,
    end: time,
    duration: { type: 'number', minimum: 0 },
    exception: { type: 'array', items: { type: 'string' } },
  },
  if: { properties: { status: { const: 'failed' } } },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  then: { required: ['exception'] },
}
const steadyState = {
  type: 'object',
  required: ['steady_state_met', 'probes'],
  properties: {
    steady_state_met: { type: ['boolean', 'null'] },
    probes: { type: 'array', items: { allOf: [run, { type: 'object', required: ['tolerance_met'] }] } },
  },
}
const probe = { allOf: [activity, { type: 'object', required: ['tolerance'] }] }

/** The keys of a journal of the Chaos Toolkit, written down from what its own command writes. */
const chaosToolkitJournal = {
  type: 'object',
  required: [
    'chaoslib-version',
    'platform',
    'node',
    'experiment',
    'start',
    'status',
    'deviated',
    'steady_states',
    'run',
    'rollbacks',
    'end',
    'duration',
  ],
  properties: {
    'chaoslib-version': { type: 'string' },
    platform: { type: 'string' },
    node: { type: 'string' },
    experiment: {
      type: 'object',
      required: ['title', 'description', 'method'],
      properties: {
        title: { type: 'string', minLength: 1 },
        description: { type: 'string', minLength: 1 },
        tags: { type: 'array', items: { type: 'string', minLength: 1 } },
        method: { type: 'array', items: activity },
        rollbacks: { type: 'array', items: activity },
        'steady-state-hypothesis': {
          type: 'object',
          required: ['title'],
          properties: { title: { type: 'string', minLength: 1 }, probes: { type: 'array', items: probe } },
        },
      },
    },
    start: time,
    end: nullable(time),
    status: { enum: ['completed', 'failed', 'aborted', 'interrupted', null] },
    deviated: { type: 'boolean' },
    duration: { type: 'number', minimum: 0 },
    steady_states: {
      type: 'object',
      required: ['before', 'after', 'during'],
      properties: {
        before: nullable(steadyState),
        after: nullable(steadyState),
        during: { type: 'array', items: nullable(steadyState) },
      },
    },
    run: { type: 'array', items: run },
    rollbacks: { type: 'array', items: run },
  },
}

const ajv = new Ajv({ allErrors: true, strict: true, allowUnionTypes: true, strictTypes: false, strictRequired: false })
const validators = {
  experiment: ajv.compile(schemaNamed('experiment')),
  run: ajv.compile(schemaNamed('run')),
  /** What is published, for either kind. */
  journal: ajv.compile(
    JSON.parse(readFileSync(fileURLToPath(import.meta.resolve('chaos-test/journal.schema.json')), 'utf8')),
  ),
  chaosToolkit: ajv.compile(chaosToolkitJournal),
}

/** What is wrong with a journal: nothing, when all is well. */
export function flawsOf(kind: keyof typeof validators, journal: unknown): string[] {
  const validate = validators[kind]
  validate(journal)
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)
}
