import { execFileSync } from 'node:child_process'
import { closeSync, constants, openSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { temporaryFolder } from './temporary-folder.ts'

/** An empty folder but for a FIFO that nobody writes to. After the test, whoever still waits for a writer is let go. */
export function folderWithFifo(
  t: TestContext,
  name = 'a.png',
): { readonly folder: string; readonly fifo: string } {
  let fifo = ''
  // Before the folder is removed.
  t.after(() => closeSync(openSync(fifo, constants.O_RDWR | constants.O_NONBLOCK)))
  const folder = temporaryFolder(t)
  fifo = join(folder, name)
  execFileSync('mkfifo', [fifo])
  return { folder, fifo }
}
