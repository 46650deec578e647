import { type Expression, withoutParentheses } from './ast.ts'
import { functionNamed } from './functions/index.ts'

/**
 * Whether an expression has the same value at every time, since `@` fixes when all of it looks. Then it is evaluated
 * once, and not for every step.
 */
export function isStepInvariant(expression: Expression): boolean {
  switch (expression.type) {
    case 'number':
    case 'string':
      return true
    case 'vector selector':
    case 'matrix selector':
    case 'subquery':
      return expression.shift.at !== undefined
    case 'aggregation': {
      const { parameter } = expression
      return isStepInvariant(expression.expression) && (parameter === undefined || isStepInvariant(parameter))
    }
    case 'binary':
      return isStepInvariant(expression.left) && isStepInvariant(expression.right)
    case 'unary':
    case 'parentheses':
      return isStepInvariant(expression.expression)
    case 'call':
      return isInvariantCall(expression.name, expression.parameters)
  }
}

/** The time of a sample is that of the sample; that of everything else is the time of its evaluation. */
function isInvariantCall(name: string, parameters: readonly Expression[]): boolean {
  const ofSample =
    name === 'timestamp' && parameters.some((each) => withoutParentheses(each).type === 'vector selector')
  if (functionNamed(name)?.dependsOnTime && !ofSample) return false
  return parameters.every(isStepInvariant)
}
