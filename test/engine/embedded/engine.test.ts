import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openEngine } from '../../support/open-engine.ts'
import { describeEngine } from '../engine-contract.ts'

describeEngine('the embedded engine', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lookalike-test-'))
  let engine = await openEngine(folder)
  return {
    engine,
    async reopen() {
      await engine.close()
      engine = await openEngine(folder)
      return engine
    },
    async dispose() {
      await engine.close()
      rmSync(folder, { recursive: true })
    },
  }
})
