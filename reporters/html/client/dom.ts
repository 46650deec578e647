/** What an element holds. A text is always a text: nothing in this client makes HTML of a string. */
export type Child = Node | string | number | false | null | undefined | readonly Child[]

type Listeners = { [Name in keyof HTMLElementEventMap]?: (event: HTMLElementEventMap[Name]) => void }

export interface Props {
  [attribute: `aria-${string}` | `data-${string}`]: string | number | boolean | undefined
  class?: string | undefined
  id?: string
  href?: string
  title?: string
  type?: string
  role?: string
  tabindex?: number
  target?: string
  rel?: string
  scope?: string
  open?: boolean
  disabled?: boolean
  colspan?: number
  datetime?: string
  placeholder?: string
  value?: string
  for?: string
  /** By the CSSOM: the page's policy allows no style attribute. */
  style?: Record<string, string>
  on?: Listeners
}

/** An element with its attributes and children. */
export function h<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  props: Props = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag)
  const { style = {}, on = {}, ...attributes } = props
  setAttributes(element, attributes)
  for (const [name, value] of Object.entries(style)) element.style.setProperty(name, value)
  for (const [name, listener] of Object.entries(on)) element.addEventListener(name, listener as EventListener)
  append(element, children)
  return element
}

/** An element of a drawing. */
export function svg<Tag extends keyof SVGElementTagNameMap>(
  tag: Tag,
  attributes: Record<string, string | number> = {},
  ...children: Child[]
): SVGElementTagNameMap[Tag] {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag)
  setAttributes(element, attributes)
  append(element, children)
  return element
}

/** Replaces what an element holds. */
export function fill(element: Element, ...children: Child[]): void {
  element.replaceChildren()
  append(element, children)
}

/** A link that leaves the page; without one, the text alone. Only addresses of the web are followed. */
export function webLink(url: string | undefined, text: string, className?: string): Child {
  if (url === undefined || !/^https?:\/\//i.test(url)) return text
  return h('a', { href: url, target: '_blank', rel: 'noopener noreferrer', class: className }, text)
}

function setAttributes(element: Element, attributes: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || (value === false && !name.startsWith('aria-'))) continue
    element.setAttribute(name, value === true && !name.startsWith('aria-') ? '' : String(value))
  }
}

function append(element: Element, children: readonly Child[]): void {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue
    if (Array.isArray(child)) append(element, child)
    else element.append(child instanceof Node ? child : String(child))
  }
}
