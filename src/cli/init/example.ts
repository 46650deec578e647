import { specFor } from './templates.ts'

/** A small application with a config, a manifest and a spec, by their paths: all that a first run in a lab needs. */
export function exampleFiles(): Record<string, string> {
  const users = { service: 'web', path: '/' }
  return {
    'chaos.config.ts': config,
    'app/web.mjs': server,
    'app/web.yaml': manifests,
    'specs/web.chaos.ts': specFor({ name: 'web', available: true, users }),
  }
}

const config = `import { defineConfig } from 'chaos-test/config'

export default defineConfig({
  lab: {
    // What images mean on this machine: commands. {tag} is the tag that the pod asked for.
    images: { 'example/web': { command: ['node', 'app/web.mjs'], env: { VERSION: '{tag}' } } },
    manifests: ['app/web.yaml'],
  },
})
`

const server = `import { createServer } from 'node:http'

const server = createServer((_request, response) => response.end(\`hello from \${process.env.VERSION}\\n\`))
server.listen(8000, '0.0.0.0')

// Whoever is still being served gets an answer; whoever comes late is sent here for a moment longer.
process.on('SIGTERM', () => setTimeout(() => server.close(() => process.exit(0)), 1000))
`

const manifests = `apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector: { app: web }
  ports: [{ port: 8000 }]
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 2
  selector: { matchLabels: { app: web } }
  template:
    metadata:
      labels: { app: web }
    spec:
      containers:
        - name: web
          image: example/web:v1
          ports: [{ containerPort: 8000 }]
          readinessProbe: { httpGet: { path: /, port: 8000 }, periodSeconds: 1 }
`
