import type { Status } from 'kubernetes-types/meta/v1.d.ts'
import type { Upgrade } from '../upgrades.ts'

/** Which streams of a command its caller wants to have. */
export interface WantedStreams {
  stdin: boolean
  stdout: boolean
  stderr: boolean
  /** A terminal: what it prints is one stream. */
  tty: boolean
}

/** A caller on the other end of a connection, whatever its protocol. */
export interface ExecChannels {
  /** Told of what the caller sends, and (undefined) that nothing follows. */
  onStdin(handler: (chunk: Buffer | undefined) => void): void
  /** Resolves when it may be followed by more. */
  send(stream: 'stdout' | 'stderr', chunk: Buffer): Promise<void>
  /** Says how it ended, and hangs up. */
  finish(status: Status): Promise<void>
  /** Aborts when the caller is gone. */
  readonly gone: AbortSignal
}

/** Opens the channels of a caller, in a protocol that it offers. */
export type OpenChannels = (upgrade: Upgrade, wanted: WantedStreams) => Promise<ExecChannels>
