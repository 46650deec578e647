import { defineConfig } from 'chaos-test/config'

export default defineConfig({
  lab: {
    // What the images of the manifests mean on this machine.
    images: {
      'counter/service1': {
        command: ['node', 'specs/rollout/app/service1.ts'],
        env: { VERSION: '{tag}' },
        tags: ['v1', 'v2'],
      },
      'counter/service2': {
        command: ['node', 'specs/rollout/app/service2.ts'],
        env: { VERSION: '{tag}' },
        tags: ['v1', 'v2', 'v3', 'v4'],
      },
    },
    manifests: ['specs/rollout/manifests'],
    // One of them may be drained.
    nodes: 2,
  },
})
