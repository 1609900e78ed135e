import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { EVERYTHING } from './generation-under-test.ts'
import { fill } from './graph-records.ts'
import type { Truth } from './naive-search.ts'
import { type OpenedGeneration, openGeneration } from './open-generation.ts'

export const DIMENSIONS = 32
export const APPROXIMATELY = { ...EVERYTHING, accuracy: 'approximate' } as const

/** Uses a generation of that many dimensions that keeps its graph, from 500 records on, in a folder. */
export async function withGeneration(
  graphFolder: string,
  use: (opened: OpenedGeneration) => Promise<void>,
  graphThread?: URL,
): Promise<void> {
  const opened = openGeneration(DIMENSIONS, {
    graphFrom: 500,
    graphFolder,
    ...(graphThread && { graphThread }),
  })
  try {
    await use(opened)
  } finally {
    await opened.close()
  }
}

export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise(setImmediate)
}

/** Leaves the graph of these records in a folder. */
export async function keepGraph(folder: string, truth: Truth): Promise<void> {
  await withGeneration(folder, async ({ generation }) => {
    fill(generation, truth)
    await until(() => existsSync(join(folder, '7.json')))
  })
}

/** Asserts that by the graph nearly every seventh record finds itself. */
export async function assertFindsAll(
  { generation }: OpenedGeneration,
  truth: Truth,
): Promise<void> {
  let found = 0
  const asked = [...truth].filter((_, i) => i % 7 === 0)
  for (const [id, { vector }] of asked) {
    const { hits, plan } = await generation.search({ ...APPROXIMATELY, vector, k: 10 })
    assert.equal(plan, 'graph')
    if (hits.some((hit) => hit.id === id)) found++
  }
  assert.ok(found >= asked.length * 0.99, `${found} of ${asked.length} find themselves`)
}
