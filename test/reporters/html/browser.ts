import { existsSync } from 'node:fs'
import { type Browser, chromium, type Page } from 'playwright-core'

const executablePath = '/usr/bin/chromium'

/** Whether there is a browser. With `CI=true` a missing one is a failure and no reason to skip. */
export const hasBrowser = existsSync(executablePath) || process.env.CI !== undefined

/** A Chromium that says nothing to the network. */
export async function startBrowser(): Promise<Browser> {
  return await chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}

/** What a page did that it must not: errors, warnings, violations of its policy, requests to anywhere. */
export class Complaints {
  readonly all: string[] = []

  constructor(page: Page) {
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) this.all.push(`${message.type()}: ${message.text()}`)
    })
    page.on('pageerror', (error) => this.all.push(`thrown: ${error.message}`))
    page.on('dialog', (dialog) => {
      this.all.push(`dialog: ${dialog.message()}`)
      void dialog.dismiss()
    })
    page.on('request', (request) => {
      if (!/^(file|data):/.test(request.url())) this.all.push(`request: ${request.url()}`)
    })
  }
}
