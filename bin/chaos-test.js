#!/usr/bin/env node
// The command. Only the Node version is looked at here, in syntax that an old Node can read.
const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 22 || (major === 22 && minor < 19)) {
  console.error(
    `chaos-test needs Node.js 22.19 or later and was started on ${process.version}: update Node.js, or add it to the project with "npm install --save-dev node@24". [CHAOS_NODE_TOO_OLD]`,
  )
  process.exitCode = 2
} else {
  import('node:module')
    .then(({ enableCompileCache }) => {
      // For this process and, by the environment, for those that it starts.
      const { directory } = enableCompileCache()
      if (directory) process.env.NODE_COMPILE_CACHE = directory
    })
    .then(() => import('../dist/src/cli/main.js'))
    .then(({ main }) => main(process.argv.slice(2)))
}
