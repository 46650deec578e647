import { expect, test } from 'vitest'
import { ciAttributes } from '../../src/tracing/ci.ts'

test('a pull request on GitHub', () => {
  const env = {
    GITHUB_ACTIONS: 'true',
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_REPOSITORY: 'shop/counter',
    GITHUB_RUN_ID: '42',
    GITHUB_WORKFLOW: 'chaos',
    GITHUB_JOB: 'rollout',
    GITHUB_REF: 'refs/pull/7/merge',
    GITHUB_REF_NAME: '7/merge',
    GITHUB_REF_TYPE: 'branch',
    GITHUB_HEAD_REF: 'faster',
    GITHUB_BASE_REF: 'main',
    GITHUB_SHA: 'abc',
  }
  expect(ciAttributes(env)).toEqual({
    'cicd.pipeline.name': 'chaos',
    'cicd.pipeline.run.id': '42',
    'cicd.pipeline.run.url.full': 'https://github.com/shop/counter/actions/runs/42',
    'cicd.pipeline.task.name': 'rollout',
    'vcs.provider.name': 'github',
    'vcs.owner.name': 'shop',
    'vcs.repository.name': 'counter',
    'vcs.repository.url.full': 'https://github.com/shop/counter',
    'vcs.ref.head.name': 'faster',
    'vcs.ref.head.revision': 'abc',
    'vcs.ref.head.type': 'branch',
    'vcs.ref.base.name': 'main',
    'vcs.change.id': '7',
  })
})

test('a branch on GitLab', () => {
  const env = { GITLAB_CI: 'true', CI_PIPELINE_ID: '9', CI_COMMIT_REF_NAME: 'main', CI_COMMIT_SHA: 'abc' }
  expect(ciAttributes(env)).toEqual({
    'cicd.pipeline.run.id': '9',
    'vcs.provider.name': 'gitlab',
    'vcs.ref.head.name': 'main',
    'vcs.ref.head.revision': 'abc',
    'vcs.ref.head.type': 'branch',
  })
})

test.each([
  [{ JENKINS_URL: 'http://ci/', JOB_NAME: 'chaos', BUILD_TAG: 'chaos-3' }, 'chaos-3'],
  [{ BUILDKITE: 'true', BUILDKITE_BUILD_ID: 'b-1', BUILDKITE_PULL_REQUEST: 'false' }, 'b-1'],
  [{ CIRCLECI: 'true', CIRCLE_WORKFLOW_ID: 'w-1' }, 'w-1'],
])('the run of %j', (env, run) => {
  expect(ciAttributes(env)).toMatchObject({ 'cicd.pipeline.run.id': run })
  expect(ciAttributes(env)).not.toHaveProperty('vcs.change.id')
})

test('nothing outside of a CI', () => {
  expect(ciAttributes({ GITHUB_SHA: 'abc' })).toEqual({})
})
