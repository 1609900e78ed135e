import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { EmbeddedEngine } from '../../src/engine/embedded/embedded-engine.ts'
import { openEmbeddedEngine } from '../../src/engine/embedded/open-embedded-engine.ts'

/** The embedded engine on a folder, loaded. A failure of the store is thrown where nobody catches it. */
export async function openEngine(
  folder: string,
  graphFrom = 10_000,
  now = () => new Date(),
): Promise<EmbeddedEngine> {
  const engine = await openEmbeddedEngine({
    folder,
    graphFrom,
    maxCollections: 1000,
    now,
    onGraphFile: () => undefined,
    onTreeFile: () => undefined,
    onFailure: (error) => {
      throw error
    },
  })
  await engine.loaded
  return engine
}

/** Runs `use` on the embedded engine in a folder of its own, which is gone afterwards. */
export async function withEngine(use: (engine: EmbeddedEngine) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'lookalike-test-'))
  const engine = await openEngine(folder)
  try {
    await use(engine)
  } finally {
    await engine.close()
    rmSync(folder, { recursive: true })
  }
}
