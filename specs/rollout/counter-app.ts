// The counter application, as the four hypotheses of this folder see it. None of these lines touches a cluster: they
// describe what is looked up when a hypothesis runs.
import { expect, kubernetes, prometheus, traffic } from 'chaos-test'

/** The service behind the one that users call: it is what is rolled out. */
export const service2 = kubernetes.deployment('service2')

/** Ten users a second, whatever comes back. */
export const users = traffic({ url: kubernetes.service('service1').url('/'), rate: '10/s' })

/** What service1 says that it answered. */
export const responses = prometheus.counter('svc_responses_total', { name: 'service1', path: '/' })

/** The steady state: users see no errors, by their own count and by that of Prometheus. */
export async function usersSeeNoErrors(): Promise<void> {
  const observed = await users.for('2s')
  expect(observed).toHaveNoErrors()
  expect(await responses.during(observed).errorRate({ status_code: /5../ })).toBeBelow('1%')
}
