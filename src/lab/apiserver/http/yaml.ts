import { Composer, type Document, isNode, isScalar, Lexer, Parser, visit } from 'yaml'

/** More than the objects that people write have; each is looked for among all others. */
const mostAliases = 1000

/** YAML that is wrong, or would take for ever to read. */
export class YamlError extends Error {
  override readonly name = 'YamlError'
}

/**
 * The one document in a YAML text of a stranger. It takes a time that grows with the text's length alone: the texts that
 * would take a library for ever, or all of the stack, are refused before it reads them.
 *
 * @throws YamlError
 */
export function readYaml(text: string, deepest: number): unknown {
  const document = compose(text, deepest)
  const [error] = document?.errors ?? []
  if (error) throw new YamlError(error.message)
  if (!document) return null
  refuseWhatMultiplies(document)
  return toValue(document)
}

/** Each level is up to two tokens that are not yet at their end: a collection, and a key or an item of it. */
const openTokensOfLevel = 2

function compose(text: string, deepest: number): Document | undefined {
  const parser = new Parser()
  const tokens: Parameters<Composer['next']>[0][] = []
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) tokens.push(token)
    if (parser.stack.length > deepest * openTokensOfLevel) throw new YamlError(`it is nested more than ${deepest} deep`)
  }
  for (const token of parser.end()) tokens.push(token)
  // That a key is there twice is looked for in a time that grows with the square of the keys; the last one counts.
  const documents = new Composer({ uniqueKeys: false, logLevel: 'error' }).compose(tokens)
  const { value } = documents.next()
  if (!documents.next().done) throw new YamlError('it has more than one document')
  return value ?? undefined
}

function refuseWhatMultiplies(document: Document): void {
  let aliases = 0
  visit(document, {
    Alias() {
      if (++aliases > mostAliases) throw new YamlError(`it has more than ${mostAliases} aliases`)
    },
    Pair(_, { key }) {
      if (isNode(key) && !isScalar(key)) throw new YamlError('it has a key that is not a text')
    },
  })
}

/** An alias that leads to nothing, or to too much, is found only now. */
function toValue(document: Document): unknown {
  try {
    return document.toJS()
  } catch (error) {
    throw new YamlError(error instanceof Error ? error.message : String(error))
  }
}
