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
    return await Promise.race([aborted(signal), work(signal)])
  } finally {
    clearTimeout(timer)
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason)
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}
