import type { SpanAttributes } from './tracer.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** What is known of a CI by its environment. Values that are missing or empty are left out. */
interface Ci {
  /** Whether the process runs in it. */
  isHere(env: Environment): boolean
  attributesOf(env: Environment): Record<string, string | undefined>
}

/**
 * The pipeline that a run is part of, and the commit that it plays, by the semantic conventions for CI/CD and version
 * control. Nothing outside of a CI.
 *
 * @see https://opentelemetry.io/docs/specs/semconv/cicd/
 * @example
 * ciAttributes(process.env)['cicd.pipeline.run.id']
 */
export function ciAttributes(env: Environment): SpanAttributes {
  const ci = [github, gitlab, jenkins, buildkite, circle].find((known) => known.isHere(env))
  if (!ci) return {}
  const known = Object.entries(ci.attributesOf(env)).filter(([, value]) => value)
  return Object.fromEntries(known) as SpanAttributes
}

const github: Ci = {
  isHere: (env) => env.GITHUB_ACTIONS === 'true',
  attributesOf(env) {
    const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: run } = env
    const url = server && repository ? `${server}/${repository}` : undefined
    const [owner, name] = repository?.split('/') ?? []
    const isPullRequest = Boolean(env.GITHUB_BASE_REF)
    return {
      'cicd.pipeline.name': env.GITHUB_WORKFLOW,
      'cicd.pipeline.run.id': run,
      'cicd.pipeline.run.url.full': url && run ? `${url}/actions/runs/${run}` : undefined,
      'cicd.pipeline.task.name': env.GITHUB_JOB,
      'cicd.worker.name': env.RUNNER_NAME,
      'vcs.provider.name': 'github',
      'vcs.owner.name': owner,
      'vcs.repository.name': name,
      'vcs.repository.url.full': url,
      'vcs.ref.head.name': isPullRequest ? env.GITHUB_HEAD_REF : env.GITHUB_REF_NAME,
      'vcs.ref.head.revision': env.GITHUB_SHA,
      'vcs.ref.head.type': env.GITHUB_REF_TYPE,
      'vcs.ref.base.name': env.GITHUB_BASE_REF,
      'vcs.change.id': /^refs\/pull\/(\d+)\//.exec(env.GITHUB_REF ?? '')?.[1],
    }
  },
}

const gitlab: Ci = {
  isHere: (env) => env.GITLAB_CI === 'true',
  attributesOf: (env) => ({
    'cicd.pipeline.name': env.CI_PIPELINE_NAME || env.CI_PROJECT_PATH,
    'cicd.pipeline.run.id': env.CI_PIPELINE_ID,
    'cicd.pipeline.run.url.full': env.CI_PIPELINE_URL,
    'cicd.pipeline.task.name': env.CI_JOB_NAME,
    'cicd.pipeline.task.run.id': env.CI_JOB_ID,
    'cicd.pipeline.task.run.url.full': env.CI_JOB_URL,
    'cicd.worker.id': env.CI_RUNNER_ID,
    'vcs.provider.name': 'gitlab',
    'vcs.owner.name': env.CI_PROJECT_NAMESPACE,
    'vcs.repository.name': env.CI_PROJECT_NAME,
    'vcs.repository.url.full': env.CI_PROJECT_URL,
    'vcs.ref.head.name': env.CI_MERGE_REQUEST_SOURCE_BRANCH_NAME || env.CI_COMMIT_REF_NAME,
    'vcs.ref.head.revision': env.CI_COMMIT_SHA,
    'vcs.ref.head.type': env.CI_COMMIT_TAG ? 'tag' : 'branch',
    'vcs.ref.base.name': env.CI_MERGE_REQUEST_TARGET_BRANCH_NAME,
    'vcs.change.id': env.CI_MERGE_REQUEST_IID,
  }),
}

const jenkins: Ci = {
  isHere: (env) => Boolean(env.JENKINS_URL),
  attributesOf: (env) => ({
    'cicd.pipeline.name': env.JOB_NAME,
    'cicd.pipeline.run.id': env.BUILD_TAG || env.BUILD_ID,
    'cicd.pipeline.run.url.full': env.BUILD_URL,
    'cicd.pipeline.task.name': env.STAGE_NAME,
    'cicd.worker.name': env.NODE_NAME,
    'vcs.repository.url.full': env.GIT_URL,
    'vcs.ref.head.name': env.CHANGE_BRANCH || env.BRANCH_NAME || env.GIT_BRANCH,
    'vcs.ref.head.revision': env.GIT_COMMIT,
    'vcs.ref.base.name': env.CHANGE_TARGET,
    'vcs.change.id': env.CHANGE_ID,
  }),
}

const buildkite: Ci = {
  isHere: (env) => env.BUILDKITE === 'true',
  attributesOf: (env) => ({
    'cicd.pipeline.name': env.BUILDKITE_PIPELINE_SLUG,
    'cicd.pipeline.run.id': env.BUILDKITE_BUILD_ID,
    'cicd.pipeline.run.url.full': env.BUILDKITE_BUILD_URL,
    'cicd.pipeline.task.name': env.BUILDKITE_LABEL,
    'cicd.pipeline.task.run.id': env.BUILDKITE_JOB_ID,
    'cicd.worker.name': env.BUILDKITE_AGENT_NAME,
    'vcs.repository.url.full': env.BUILDKITE_REPO,
    'vcs.ref.head.name': env.BUILDKITE_BRANCH,
    'vcs.ref.head.revision': env.BUILDKITE_COMMIT,
    'vcs.ref.base.name': env.BUILDKITE_PULL_REQUEST_BASE_BRANCH,
    'vcs.change.id': env.BUILDKITE_PULL_REQUEST === 'false' ? undefined : env.BUILDKITE_PULL_REQUEST,
  }),
}

const circle: Ci = {
  isHere: (env) => env.CIRCLECI === 'true',
  attributesOf: (env) => ({
    'cicd.pipeline.name': env.CIRCLE_PROJECT_REPONAME,
    'cicd.pipeline.run.id': env.CIRCLE_WORKFLOW_ID,
    'cicd.pipeline.run.url.full': env.CIRCLE_BUILD_URL,
    'cicd.pipeline.task.name': env.CIRCLE_JOB,
    'vcs.owner.name': env.CIRCLE_PROJECT_USERNAME,
    'vcs.repository.name': env.CIRCLE_PROJECT_REPONAME,
    'vcs.repository.url.full': env.CIRCLE_REPOSITORY_URL,
    'vcs.ref.head.name': env.CIRCLE_TAG || env.CIRCLE_BRANCH,
    'vcs.ref.head.revision': env.CIRCLE_SHA1,
    'vcs.ref.head.type': env.CIRCLE_TAG ? 'tag' : 'branch',
  }),
}
