/**
 * Runs `work` until it ends, its time is over, or the parent signal aborts, whichever is first. `work` is told by its
 * signal; what does not listen goes on in the background, and its result is dropped.
 *
 * @throws what `work` throws, `timeoutError()` when its time is over, or the reason of the parent signal
 */
export async function within<T>(
  limitMs: number,
  timeoutError: () => Error,
  work: (signal: AbortSignal) => Promise<T>,
  parent?: AbortSignal,
): Promise<T> {
  const limit = new AbortController()
  const timer = setTimeout(() => limit.abort(timeoutError()), limitMs)
  const signal = parent ? AbortSignal.any([limit.signal, parent]) : limit.signal
  try {
    return await untilAborted(work(signal), signal)
  } finally {
    clearTimeout(timer)
  }
}

/** Waits for `work`, but not beyond the abort of the signal. @throws what `work` throws, or the reason of the signal */
export async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = new Promise<never>((_, reject) => {
    if (signal.aborted) reject(signal.reason)
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
  return await Promise.race([aborted, work])
}
