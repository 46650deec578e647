import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Measured } from './measured.ts'

const clientCore = '0'
const sliceMs = 150

/**
 * Lets clients run by turns, in slices of a fraction of a second, on one core: whatever else the machine does meanwhile
 * is the same for all of them. Who waits is stopped, and costs nothing.
 */
export async function contest(names: readonly string[], url: string, rounds: number): Promise<Map<string, Measured>> {
  const clients = names.map((name) => ({ name, process: startClient(name, url, 1 / names.length) }))
  try {
    await takeTurns(clients, Math.ceil(rounds / 2))
    for (const { process } of clients) process.send('begin')
    await takeTurns(clients, rounds)
    const results = new Map<string, Measured>()
    for (const { name, process } of clients) results.set(name, await endOf(process))
    return results
  } finally {
    for (const { process } of clients) process.kill('SIGKILL')
  }
}

/** Lets one client run on its own for some time. */
export async function alone(name: string, url: string, seconds: number): Promise<Measured> {
  const client = startClient(name, url)
  try {
    await delay(1500)
    client.send('begin')
    await delay(seconds * 1000)
    return await endOf(client)
  } finally {
    client.kill('SIGKILL')
  }
}

function startClient(name: string, url: string, share = 1): ChildProcess {
  const program = [process.execPath, join(import.meta.dirname, 'client.ts'), name, url, `${share}`]
  return spawn('taskset', ['-c', clientCore, ...program], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
}

async function takeTurns(clients: readonly { process: ChildProcess }[], rounds: number): Promise<void> {
  for (const { process } of clients) process.kill('SIGSTOP')
  for (let round = 0; round < rounds; round += 1) {
    for (const { process } of clients) {
      process.kill('SIGCONT')
      await delay(sliceMs)
      process.kill('SIGSTOP')
    }
  }
}

async function endOf(client: ChildProcess): Promise<Measured> {
  const measured = once(client, 'message')
  const died = once(client, 'exit').then(([code]) => Promise.reject(new Error(`A client ended with ${code}.`)))
  client.kill('SIGCONT')
  client.send('end')
  const [result] = await Promise.race([measured, died])
  died.catch(() => {})
  return result
}
