/** The Kubernetes whose behaviour the lab models. */
export const modelledVersion = { major: '1', minor: '32', gitVersion: 'v1.32.0-lab' } as const
