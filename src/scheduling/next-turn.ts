/** Lets other work of the thread have its turn. @throws what `signal` aborts with. */
export async function nextTurn(signal?: AbortSignal): Promise<void> {
  await new Promise(setImmediate)
  signal?.throwIfAborted()
}
