import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openEngine } from '../../support/open-engine.ts'
import { describeEngine } from '../engine-contract.ts'

for (const [name, graphFrom] of [
  ['the embedded engine', 10_000],
  ['the embedded engine with a graph', 100],
] as const) {
  describeEngine(name, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lookalike-test-'))
    let engine = await openEngine(folder, graphFrom)
    return {
      engine,
      async reopen() {
        await engine.close()
        engine = await openEngine(folder, graphFrom)
        return engine
      },
      async dispose() {
        await engine.close()
        rmSync(folder, { recursive: true })
      },
    }
  })
}
