import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

interface Index {
  add(keys: BigUint64Array, vectors: Float32Array, threads: number): void
  search(vector: Float32Array, k: number, threads: number): { readonly keys: BigUint64Array }
  save(path: string): void
  load(path: string): void
}

interface Module {
  readonly Index: new (options: Readonly<Record<string, string | number | boolean>>) => Index
}

export interface GraphParts {
  readonly dimensions: number
  readonly links: number
  readonly efConstruction: number
}

/** An HNSW graph of usearch. Each object that reads it has its own size of the candidate list. */
export interface UsearchGraph {
  /** Returns a search for the k nearest keys. */
  withEf(ef: number): (query: Float32Array, k: number) => number[]
}

/**
 * Builds a graph with usearch, which is no part of the project.
 *
 * @param folder where usearch was installed: `npm i usearch@2.25.3 --prefix FOLDER`.
 * @param file where the graph is kept; a graph that is there is not built again.
 * @param vectorAt gives the vectors; their numbers are the keys.
 */
export async function buildUsearchGraph(
  folder: string,
  file: string,
  { dimensions, links, efConstruction }: GraphParts,
  count: number,
  vectorAt: (i: number) => Float32Array,
): Promise<UsearchGraph> {
  const path = join(folder, 'node_modules/usearch/javascript/dist/esm/usearch.js')
  const { Index }: Module = await import(pathToFileURL(path).href)
  const open = (ef: number) =>
    new Index({
      dimensions,
      metric: 'l2sq',
      quantization: 'f32',
      connectivity: links,
      expansion_add: efConstruction,
      expansion_search: ef,
      multi: false,
    })
  if (!existsSync(file)) {
    const graph = open(64)
    for (let i = 0; i < count; i++) graph.add(BigUint64Array.of(BigInt(i)), vectorAt(i), 1)
    graph.save(file)
  }
  return {
    withEf(ef) {
      const reader = open(ef)
      reader.load(file)
      return (query, k) => Array.from(reader.search(query, k, 1).keys, Number)
    },
  }
}
