import { type Answer, jsonAnswer, textAnswer } from '../http/answer.ts'
import type { ApiRequest } from '../http/request.ts'
import { modelledVersion } from '../version.ts'
import { coreVersions, group, groupList, resourceList } from './groups.ts'
import { emptyOpenApi } from './openapi.ts'
import { openApiIndex, openApiOf } from './openapi-v3.ts'

const openApiPrefix = '/openapi/v3/'
const healthPaths = ['/healthz', '/livez', '/readyz']

/** What a path answers that is no resource: discovery, health, version; undefined when nothing is there. */
export function documentAt({ path, accept }: ApiRequest, serverAddress: string): Answer | undefined {
  const normalised = path.length > 1 ? path.replace(/(?<!\/)\/+$/, '') : path
  if (healthPaths.includes(normalised)) return textAnswer('ok')
  switch (normalised) {
    case '/version':
      return jsonAnswer(versionDocument())
    case '/api':
      return jsonAnswer(coreVersions(serverAddress))
    case '/apis':
      return jsonAnswer(groupList())
    case '/openapi/v2':
      return { form: 'document', code: 200, contentType: 'application/octet-stream', body: emptyOpenApi }
    case '/openapi/v3':
      return jsonAnswer(openApiIndex())
    default:
      if (normalised.startsWith(openApiPrefix)) return describedAt(normalised.slice(openApiPrefix.length), accept)
      return discoveryAt(normalised)
  }
}

/** Who takes protobuf alone, to look for what the server can check, is told that there is none: it checks by itself. */
function describedAt(path: string, accept: ApiRequest['accept']): Answer | undefined {
  const document = accept === 'json' ? openApiOf(path) : undefined
  return document && jsonAnswer(document)
}

function discoveryAt(path: string): Answer | undefined {
  const [, root, ...names] = path.split('/')
  const document = root === 'api' ? coreDiscovery(names) : root === 'apis' ? groupDiscovery(names) : undefined
  return document && jsonAnswer(document)
}

function coreDiscovery([version = '', ...more]: string[]): object | undefined {
  return more.length === 0 ? resourceList('', version) : undefined
}

function groupDiscovery([name = '', version, ...more]: string[]): object | undefined {
  if (name === '' || more.length > 0) return undefined
  return version === undefined ? group(name) : resourceList(name, version)
}

function versionDocument(): object {
  return {
    ...modelledVersion,
    gitCommit: '',
    gitTreeState: 'clean',
    buildDate: '1970-01-01T00:00:00Z',
    goVersion: 'none',
    compiler: 'node',
    platform: `${process.platform}/${process.arch}`,
  }
}
