import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** Searches exactly for one or more queries, one after the other, on one thread. */
export type Usearch = (
  dataset: Float32Array,
  queries: Float32Array,
  dimensions: number,
  count: number,
) => unknown

interface Module {
  readonly exactSearch: (
    dataset: Float32Array,
    queries: Float32Array,
    dimensions: number,
    count: number,
    metric: string,
    threads: number,
  ) => unknown
  readonly MetricKind: { readonly Cos: string }
}

/**
 * Opens the exact search of usearch, which is no part of the project.
 *
 * @param folder where usearch was installed: `npm i usearch@2.25.3 --prefix FOLDER`.
 */
export async function openUsearch(folder: string): Promise<Usearch> {
  const path = join(folder, 'node_modules/usearch/javascript/dist/esm/usearch.js')
  const { exactSearch, MetricKind }: Module = await import(pathToFileURL(path).href)
  return (dataset, queries, dimensions, count) =>
    exactSearch(dataset, queries, dimensions, count, MetricKind.Cos, 1)
}
