import { h } from './dom.ts'

type Theme = 'auto' | 'light' | 'dark'

const key = 'chaos-test-theme'
const next: Record<Theme, Theme> = { auto: 'light', light: 'dark', dark: 'auto' }
const listeners = new Set<() => void>()

const probe = h('i', { class: 'visually-hidden', 'aria-hidden': 'true' })
const colours = new Map<string, string>()

/** A colour of the style sheet as the theme has it now, for what is drawn on a canvas. */
export function colour(name: string): string {
  const known = colours.get(name)
  if (known !== undefined) return known
  if (!probe.isConnected) document.body.append(probe)
  probe.style.color = `var(--${name})`
  const value = getComputedStyle(probe).color
  colours.set(name, value)
  return value
}

/** Calls back whenever colours have changed. @returns what ends that */
export function onThemeChange(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** The button that goes from the system's theme to light to dark. */
export function themeButton(): HTMLElement {
  let theme = storedTheme()
  const label = h('span', { class: 'theme-label' })
  const button = h('button', { class: 'theme', type: 'button', on: { click: () => use(next[theme]) } }, label)
  const changed = () => {
    colours.clear()
    for (const listener of listeners) listener()
  }
  const use = (chosen: Theme) => {
    theme = chosen
    store(chosen)
    if (chosen === 'auto') delete document.documentElement.dataset.theme
    else document.documentElement.dataset.theme = chosen
    label.textContent = { auto: '◐ Auto', light: '○ Light', dark: '● Dark' }[chosen]
    button.setAttribute('aria-label', `Colours: ${chosen}. Change to ${next[chosen]}`)
    changed()
  }
  use(theme)
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', changed)
  return button
}

/** A file that was opened from a disk may have no storage. */
function storedTheme(): Theme {
  try {
    const stored = localStorage.getItem(key)
    return stored === 'light' || stored === 'dark' ? stored : 'auto'
  } catch {
    return 'auto'
  }
}

function store(theme: Theme): void {
  try {
    localStorage.setItem(key, theme)
  } catch {
    // It is forgotten, then.
  }
}
