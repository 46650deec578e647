export { isObservation, Observation } from './observation.ts'
export type { AnswerExpectation, TrafficOptions } from './options.ts'
export { type DuringOptions, type Traffic, traffic } from './traffic.ts'
export type { UrlReference } from './url.ts'
