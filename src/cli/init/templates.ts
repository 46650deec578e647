import type { Candidate } from '../../kubernetes/candidates.ts'

/** What is said of a cluster in the config. */
export interface ClusterSettings {
  context: string
  namespace: string
  /** Where it is another one than kubectl would take. */
  kubeconfig?: string
}

export function configFor(target: ClusterSettings): string {
  const lines = Object.entries(target).map(([key, value]) => `    ${key}: ${quoted(value)},`)
  return `import { defineConfig } from 'chaos-test/config'

export default defineConfig({
  // Where experiments act, when no other target is named: "npx chaos-test" changes what is there, and puts it back.
  target: {
${lines.join('\n')}
  },
})
`
}

/** A first spec: a restart, as users see it, or at least as Kubernetes does. */
export function specFor({ name, users }: Candidate): string {
  return users ? specWithUsers(name, users) : specWithoutUsers(name)
}

function specWithUsers(name: string, { service, path }: NonNullable<Candidate['users']>): string {
  const variable = identifierFor(name)
  return `import { afterAll, beforeAll, expect, hypothesis, kubernetes, rollback, steadyState, traffic } from 'chaos-test'

const ${variable} = kubernetes.deployment(${quoted(name)})
const users = traffic({ url: kubernetes.service(${quoted(service)}).url(${quoted(path)}), rate: '10/s' }) // ten a second, whatever comes back

beforeAll(async () => {
  await steadyState(${quoted(`users of ${name} see no errors`)}, async () => {
    expect(await users.for('2s')).toHaveNoErrors()
  })
})

// Many servers lose requests here until they have a preStop hook, or end gracefully on SIGTERM.
hypothesis(${quoted(`a restart of ${name} is transparent to its users`)}, async () => {
  const observed = await users.during(
    async () => {
      await ${variable}.restart() // its undo is written down before it happens
      await ${variable}.rolledOut({ within: '2m' })
    },
    { atLeast: '12s' },
  )
  expect(observed).toHaveErrorRateBelow('1%')
})

afterAll(rollback) // guaranteed even where this line is missing
`
}

function specWithoutUsers(name: string): string {
  const variable = identifierFor(name)
  return `import { afterAll, beforeAll, expect, hypothesis, kubernetes, rollback, steadyState } from 'chaos-test'

const ${variable} = kubernetes.deployment(${quoted(name)})

beforeAll(async () => {
  await steadyState(${quoted(`all pods of ${name} are available`)}, async () => {
    const { available, desired } = await ${variable}.status()
    expect(available).toBe(desired)
  })
})

hypothesis(${quoted(`a restart of ${name} comes to its end`)}, async () => {
  await ${variable}.restart() // its undo is written down before it happens
  await ${variable}.rolledOut({ within: '2m' })
})

afterAll(rollback) // guaranteed even where this line is missing
`
}

/** What its spec calls the deployment: never one of the words that it imports. */
function identifierFor(name: string): string {
  const camel = name.replace(/[^a-z0-9]+([a-z0-9])/gi, (_, next: string) => next.toUpperCase())
  return /^[a-z]/.test(camel) && !taken.has(camel)
    ? camel
    : `deployment${camel.charAt(0).toUpperCase()}${camel.slice(1)}`
}

const taken = new Set([
  ...['afterAll', 'beforeAll', 'expect', 'hypothesis', 'kubernetes', 'rollback', 'steadyState', 'traffic', 'users'],
  ...[
    'observed',
    'available',
    'desired',
    'break',
    'case',
    'catch',
    'class',
    'const',
    'continue',
    'debugger',
    'default',
  ],
  ...['delete', 'do', 'else', 'enum', 'export', 'extends', 'false', 'finally', 'for', 'function', 'if', 'implements'],
  ...['import', 'in', 'instanceof', 'interface', 'let', 'new', 'null', 'package', 'private', 'protected', 'public'],
  ...['return', 'static', 'super', 'switch', 'this', 'throw', 'true', 'try', 'typeof', 'var', 'void', 'while', 'with'],
  ...['yield', 'await', 'async', 'arguments', 'eval'],
])

function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`
}
