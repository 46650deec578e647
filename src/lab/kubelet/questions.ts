import { createServer } from 'node:http'
import { closeAtOnce, listen } from '../http/listening.ts'
import { execHandler } from './exec/server.ts'
import { serveLogs } from './log-server.ts'
import type { NodeMachine } from './machine.ts'
import { portForwardHandler } from './port-forward/server.ts'
import { serveUpgrades } from './upgrades.ts'

export interface QuestionsOptions {
  host: string
  /** Whoever asks must bear it. */
  token: string
  /** Who answers. */
  machine(): NodeMachine
}

/** Where the API server asks a kubelet for logs, to run commands and to forward ports. */
export async function serveQuestions({
  host,
  token,
  machine,
}: QuestionsOptions): Promise<{ port: number; close(): Promise<void> }> {
  const server = createServer(serveLogs({ token, find: (name) => machine().logOf(name) }))
  const endUpgraded = serveUpgrades(server, token, {
    exec: execHandler({
      check: (command) => void machine().present(command),
      open: ({ command, tty, ...name }) => machine().present(name).open(command, tty),
    }),
    portForward: portForwardHandler({ find: (name) => machine().placeOf(name) }),
  })
  const port = await listen(server, host, 0)
  return {
    port,
    close: () => {
      endUpgraded()
      return closeAtOnce(server)
    },
  }
}
