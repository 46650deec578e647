import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readManifests, requireKnownImages } from '../../../src/lab/manifests.ts'
import { type Project, temporaryProject, webManifest } from './project.ts'

let project: Project

beforeEach(() => {
  project = temporaryProject()
})
afterEach(() => project.remove())

describe('manifests', () => {
  test('are all documents of files and folders, with the place where they stand', () => {
    mkdirSync(join(project.root, 'more'))
    project.write('web.yaml', webManifest())
    project.write('more/b.yml', 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: b }\n---\n# nothing\n')
    project.write(
      'more/a.json',
      '{"apiVersion":"v1","kind":"List","items":[{"apiVersion":"v1","kind":"Service","metadata":{"name":"a"}}]}',
    )
    project.write('more/notes.txt', 'no manifest')
    const found = readManifests(['web.yaml', 'more'], project.root)
    expect(found.map(({ object, place }) => `${place} ${object.kind} ${object.metadata.name}`)).toEqual([
      'web.yaml:2 Deployment web',
      'web.yaml:17 Service web',
      'more/a.json:1 Service a',
      'more/b.yml:1 ConfigMap b',
    ])
  })

  test('that are not there are told by name', () => {
    expect(() => readManifests(['nowhere.yaml'], project.root)).toThrow(
      expect.objectContaining({ code: 'CHAOS_MANIFEST_NOT_FOUND', verdict: 'usage' }),
    )
    mkdirSync(join(project.root, 'empty'))
    expect(() => readManifests(['empty'], project.root)).toThrow(/has no \.yaml, \.yml or \.json file/)
  })

  test.each([
    {
      problem: 'no YAML',
      text: 'apiVersion: v1\nkind: [Service\n',
      message: /^web\.yaml:\d+: the manifest is not valid YAML/,
    },
    {
      problem: 'an alias of nothing',
      text: 'kind: *nothing\n',
      message: /^web\.yaml:1: the manifest is not valid YAML/,
    },
    { problem: 'text', text: 'hello', message: /^web\.yaml:1: the manifest is no Kubernetes object/ },
    {
      problem: 'an object without a name',
      text: '\nkind: Service\napiVersion: v1\n',
      message: /^web\.yaml:2: .*metadata\.name/,
    },
  ])('that are $problem are refused with file and line', ({ text, message }) => {
    project.write('web.yaml', text)
    expect(() => readManifests(['web.yaml'], project.root)).toThrow(
      expect.objectContaining({
        code: 'CHAOS_MANIFEST_INVALID',
        verdict: 'usage',
        message: expect.stringMatching(message),
      }),
    )
  })

  test('that ask for an image that is not in the catalogue are refused with those that are', () => {
    project.write('web.yaml', webManifest('wbe:v1'))
    const { images } = project.options([])
    const manifests = readManifests(['web.yaml'], project.root)
    expect(() => requireKnownImages(manifests, images)).toThrow(
      expect.objectContaining({
        code: 'CHAOS_IMAGE_UNKNOWN',
        verdict: 'usage',
        message: expect.stringMatching(/^web\.yaml:2: Deployment "web": .*"wbe:v1" in the lab: .*web\./),
      }),
    )
    project.write('web.yaml', webManifest('web:v1'))
    expect(() => requireKnownImages(readManifests(['web.yaml'], project.root), images)).not.toThrow()
  })
})
