import type { Endpoints, Service } from 'kubernetes-types/core/v1.d.ts'
import { expect, test } from 'vitest'
import { routesOf } from '../../../src/lab/network/routes.ts'

const metadata = { name: 'web', namespace: 'default' }

function service(spec: Service['spec'] & object): Service {
  return { metadata, spec: { clusterIP: '198.18.67.10', ...spec } }
}

function endpoints(subsets: Endpoints['subsets'] & object): Endpoints {
  return { metadata, subsets }
}

test('a port leads to the ready addresses on the target port of the same name', () => {
  const web = service({ ports: [{ name: 'http', port: 80, targetPort: 'http' }] })
  const pods = endpoints([
    {
      addresses: [{ ip: '198.18.64.2' }],
      notReadyAddresses: [{ ip: '198.18.64.9' }],
      ports: [
        { name: 'http', port: 8000 },
        { name: 'metrics', port: 9000 },
      ],
    },
    { addresses: [{ ip: '198.18.64.3' }], ports: [{ name: 'http', port: 8080 }] },
  ])
  expect(routesOf([web], [pods])).toEqual([
    {
      name: 'default/web:http',
      service: 'default/web',
      listen: { host: '127.18.67.10', port: 80 },
      targets: [
        { host: '127.18.64.2', port: 8000 },
        { host: '127.18.64.3', port: 8080 },
      ],
    },
  ])
})

test('a port without a name leads to the port without a name', () => {
  const pods = endpoints([{ addresses: [{ ip: '198.18.64.2' }], ports: [{ port: 8000 }] }])
  expect(routesOf([service({ ports: [{ port: 8000 }] })], [pods])[0]?.targets).toEqual([
    { host: '127.18.64.2', port: 8000 },
  ])
})

test('a service without endpoints has a route without targets', () => {
  expect(routesOf([service({ ports: [{ port: 80 }] })], [])).toMatchObject([{ name: 'default/web:80', targets: [] }])
})

test('endpoints of another namespace are not its own', () => {
  const other: Endpoints = {
    metadata: { name: 'web', namespace: 'other' },
    subsets: [{ addresses: [{ ip: '198.18.64.2' }], ports: [{ port: 80 }] }],
  }
  expect(routesOf([service({ ports: [{ port: 80 }] })], [other])[0]?.targets).toEqual([])
})

test('a service that is its own endpoint needs no route', () => {
  const own = endpoints([{ addresses: [{ ip: '198.18.67.10' }], ports: [{ port: 6443 }] }])
  expect(routesOf([service({ ports: [{ port: 6443 }] })], [own])).toEqual([])
})

test('a headless service and a UDP port have no route', () => {
  expect(routesOf([service({ clusterIP: 'None', ports: [{ port: 80 }] })], [])).toEqual([])
  expect(routesOf([service({ ports: [{ port: 53, protocol: 'UDP' }] })], [])).toEqual([])
})
