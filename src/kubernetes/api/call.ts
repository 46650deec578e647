import { currentCluster, currentSession } from '../../session/session.ts'
import { connect, type KubernetesClient } from './client.ts'

/** What is told to the span of a call. */
export interface CallSpan {
  addEvent(name: string, attributes?: Record<string, number>): void
  setAttributes(attributes: Record<string, string>): void
}

/** One call of a spec to the cluster: a span, and a client whose requests end with the hypothesis. */
export async function call<T>(
  name: string,
  attributes: Record<string, string>,
  work: (client: KubernetesClient, span: CallSpan) => Promise<T>,
): Promise<T> {
  const target = currentCluster()
  const { tracer, signal } = currentSession()
  return await tracer.span(`kubernetes ${name}`, attributes, async (span) =>
    work(await connect(target, signal()), span),
  )
}
