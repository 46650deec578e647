/** The forms of names, after RFC 1123 and RFC 1035, each answering what is wrong with a name or undefined. */
export type NameRule = (name: string) => string | undefined

const labelPattern = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'
const subdomainPattern = `${labelPattern}(\\.${labelPattern})*`
const dns1035LabelPattern = '[a-z]([-a-z0-9]*[a-z0-9])?'
const qualifiedPartPattern = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]'
const labelValuePattern = `(${qualifiedPartPattern})?`
const environmentNamePattern = '[-._a-zA-Z][-._a-zA-Z0-9]*'
const dataKeyPattern = '[-._a-zA-Z0-9]+'

function rule(pattern: string, longest: number, description: string): NameRule {
  const expression = new RegExp(`^${pattern}$`)
  return (name) => {
    if (name.length > longest) return `must be no more than ${longest} characters`
    return expression.test(name) ? undefined : `${description}, regex used for validation is '${pattern}')`
  }
}

export const dnsLabel = rule(
  labelPattern,
  63,
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc'",
)

export const dnsSubdomain = rule(
  subdomainPattern,
  253,
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com'",
)

/** The form of a service's name. */
export const dns1035Label = rule(
  dns1035LabelPattern,
  63,
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123'",
)

export const labelValue = rule(
  labelValuePattern,
  63,
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345'",
)

export const environmentName = rule(
  environmentNamePattern,
  253,
  "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit (e.g. 'my.env-name',  or 'MY_ENV.NAME',  or 'MyEnvName1'",
)

export const dataKey = rule(
  dataKeyPattern,
  253,
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name'",
)

const qualifiedPart = rule(
  qualifiedPartPattern,
  63,
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc'",
)

/** The form of the keys of labels and annotations: `name` or `prefix/name`. */
export const qualifiedName: NameRule = (name) => {
  const slash = name.lastIndexOf('/')
  const prefix = slash < 0 ? undefined : name.slice(0, slash)
  const wrongPrefix = prefix === undefined ? undefined : dnsSubdomain(prefix)
  return wrongPrefix ? `prefix part ${wrongPrefix}` : qualifiedPart(name.slice(slash + 1))
}

/** A name of a port: a short label with at least one letter. */
export const portName: NameRule = (name) => {
  if (name.length > 15) return 'must be no more than 15 characters'
  if (!/^[-a-z0-9]+$/.test(name)) return 'must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)'
  if (!/[a-z]/.test(name)) return 'must contain at least one letter (a-z)'
  return /--|^-|-$/.test(name) ? 'must not contain consecutive hyphens, nor start or end with one' : undefined
}
