// The counter application, as the four hypotheses of this folder see it. These are descriptions: they find their cluster
// when a hypothesis uses them.
import { expect, kubernetes, prometheus, traffic } from 'chaos-test'

/** Users of service1: ten requests a second, whatever comes back. */
export const users = traffic({ url: kubernetes.service('service1').url('/'), rate: '10/s' })

/** The service behind it, which is rolled out. */
export const service2 = kubernetes.deployment('service2')

/** How service1 says that it answered its users … */
export const responses = prometheus.counter('svc_responses_total', { name: 'service1', path: '/' })

/** … and which count it gave them last. */
export const counter = prometheus.gauge('counter', { name: 'service1' })

/** The steady state: users see no errors, by their own count and by that of Prometheus. */
export async function usersSeeNoErrors(): Promise<void> {
  const observed = await users.for('2s')
  expect(observed).toHaveNoErrors()
  expect(await responses.during(observed).errorRate({ status_code: /^5/ })).toHaveNoErrors()
}
