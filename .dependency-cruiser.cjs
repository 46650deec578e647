// The import boundaries of the project, as data. `npm run check:boundaries` holds the code to them.
// Below every module lies src/support; src/session names what a running spec has at hand.

/** What each module of src/ may import, beside src/support and itself. */
const allowed = {
  support: [],
  safety: [],
  journal: ['undo'],
  undo: ['journal'],
  tracing: ['journal'],
  session: ['undo', 'journal', 'tracing', 'safety'],
  kubernetes: ['session', 'probes', 'undo', 'journal', 'safety', 'lab/index.ts'],
  probes: ['session'],
  actions: ['session', 'undo', 'kubernetes'],
  traffic: ['session', 'journal', 'tracing'],
  prometheus: ['session', 'journal'],
  matchers: ['traffic', 'prometheus'],
  spec: [
    'session',
    'undo',
    'journal',
    'tracing',
    'kubernetes',
    'traffic',
    'prometheus',
    'matchers',
    'safety',
    'config',
  ],
  config: ['safety', 'lab/index.ts'],
  guardian: ['undo', 'journal', 'lab/index.ts'],
  runner: ['config', 'undo', 'journal', 'tracing', 'guardian', 'safety', 'kubernetes', 'lab/index.ts', 'spec'],
  cli: [
    'config',
    'undo',
    'journal',
    'guardian',
    'runner',
    'safety',
    'kubernetes',
    'prometheus',
    'tracing',
    'lab/index.ts',
  ],
  lab: [],
}

/** The folders of src/kubernetes, the lowest first: each imports only those before it. */
const kubernetesLayers = ['api', 'keeper', 'watch', 'changes', 'undos', 'actions', 'handles']

const importsNothingAbove = (layer, index) => ({
  name: `kubernetes-${layer}-layer`,
  severity: 'error',
  from: { path: `^src/kubernetes/${layer}/` },
  to: {
    path: '^src/kubernetes/',
    pathNot: kubernetesLayers.slice(0, index + 1).map((below) => `^src/kubernetes/${below}/`),
  },
})

/** Who brings a run to its end, and so has it shown and kept. */
const reporting = ['runner', 'cli', 'guardian']

const importsOf = (module) => ({
  name: `${module}-boundary`,
  comment: `src/${module} imports only: ${['support', ...allowed[module]].join(', ')} (and reporters from cli, runner and guardian)`,
  severity: 'error',
  from: { path: `^src/${module}/` },
  to: {
    path: '^(src|reporters)/',
    pathNot: [
      `^src/${module}/`,
      '^src/support/',
      ...allowed[module].map((to) => (to.endsWith('.ts') ? `^src/${to}$` : `^src/${to}/`)),
      ...(reporting.includes(module) ? ['^reporters/'] : []),
    ],
  },
})

/** Which modules alone may import a package. */
const onlyHere = (name, packages, path) => ({
  name: `${name}-only`,
  severity: 'error',
  from: { path: '^(src|reporters)/', pathNot: path },
  to: { path: `node_modules/(${packages})` },
})

module.exports = {
  forbidden: [
    ...Object.keys(allowed).map(importsOf),
    ...kubernetesLayers.map(importsNothingAbove),
    {
      name: 'reporters-read-the-journal',
      severity: 'error',
      from: { path: '^reporters/' },
      to: { path: '^src/', pathNot: '^src/(journal|support)/' },
    },
    onlyHere('kubernetes-client', '@kubernetes/client-node', '^src/kubernetes/'),
    onlyHere('opentelemetry-sdk', '@opentelemetry/(sdk|exporter|propagator|context|resources|otlp)', '^src/tracing/'),
    onlyHere('vitest', 'vitest/', '^(src/runner|src/spec|reporters)/|^src/index.ts$'),
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    { name: 'no-unresolved', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'no-dev-packages',
      severity: 'error',
      // What runs in the browser is bundled when the project is built.
      from: { path: '^(src|reporters)/', pathNot: '^reporters/html/client/' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
}
