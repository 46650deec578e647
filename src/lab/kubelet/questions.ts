import { createServer } from 'node:http'
import { closeAtOnce, listen } from '../http/listening.ts'
import { serveExec } from './exec/server.ts'
import { serveLogs } from './log-server.ts'
import type { NodeMachine } from './machine.ts'

export interface QuestionsOptions {
  host: string
  /** Whoever asks must bear it. */
  token: string
  /** Who answers. */
  machine(): NodeMachine
}

/** Where the API server asks a kubelet for logs, and to run commands. */
export async function serveQuestions({
  host,
  token,
  machine,
}: QuestionsOptions): Promise<{ port: number; close(): Promise<void> }> {
  const server = createServer(serveLogs({ token, find: (name) => machine().logOf(name) }))
  const endCommands = serveExec(server, {
    token,
    check: (command) => void machine().present(command),
    open: ({ command, tty, ...name }) => machine().present(name).open(command, tty),
  })
  const port = await listen(server, host, 0)
  return {
    port,
    close: () => {
      endCommands()
      return closeAtOnce(server)
    },
  }
}
