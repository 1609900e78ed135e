export interface Pinnable {
  /** Keeps its rows from being used again, and in memory, until the function that it returns is called. */
  pin(): () => void
}

/** Runs work while its rows are pinned. */
export async function pinned<T>(rows: Pinnable, work: () => Promise<T>): Promise<T> {
  const release = rows.pin()
  try {
    return await work()
  } finally {
    release()
  }
}
