export type Variables = Readonly<Record<string, string>>

/**
 * Replaces `$(NAME)` by the variable of that name, as Kubernetes does in commands, arguments and values of variables:
 * an unknown one stays as it is, and `$$` is a plain `$`, so that `$$(NAME)` is the text `$(NAME)`.
 *
 * @see https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/
 */
export function expand(text: string, variables: Variables): string {
  return text.replace(/\$\$|\$\(([^)]*)\)/g, (found, name: string | undefined) => {
    if (name === undefined) return '$'
    return Object.hasOwn(variables, name) ? (variables[name] ?? '') : found
  })
}
