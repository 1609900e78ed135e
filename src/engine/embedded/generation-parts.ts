import type { ApproximateIndex } from '../../index/graph/approximate-index.ts'
import type { RowIndex } from '../../index/row-index.ts'
import type { RowCoding } from '../../index/scan/cascade/row-coding.ts'
import type { StoredRows } from '../../kernels/stored-rows.ts'
import type { VectorRows } from '../../kernels/vector-rows.ts'
import type { ThreadClient } from '../../threads/thread-client.ts'
import type { Filter } from '../filter.ts'
import type { SetThread } from './identities/set-thread.ts'
import type { LiveRecall } from './search/live-recall.ts'
import type { SearchPlanning } from './search/search-planning.ts'
import type { SelectionCalls } from './selection/selection-thread.ts'
import type { FacetsOfKeys } from './store/facet-table.ts'
import type { FieldValues, KeyedRecord, PageOptions } from './store/stored-row.ts'
import type { ThreadedTrees } from './trees/threaded-trees.ts'

/** The parts that hold the rows of one generation, search them, and choose between the ways to do so. */
export interface GenerationParts {
  readonly vectors: VectorRows | StoredRows
  /** Makes and keeps the codes that scans filter by. */
  readonly coding: RowCoding
  readonly index: RowIndex
  /** All three null where rows are in a file: each has copies of the vectors in memory. */
  readonly trees: ThreadedTrees | null
  readonly sets: SetThread | null
  readonly graph: ApproximateIndex | null
  /** The thread that chooses records by their distances from each other; one for all collections. */
  readonly selections: ThreadClient<SelectionCalls>
  readonly planning: SearchPlanning
  readonly recall: LiveRecall
}

/**
 * Reads of one collection's truth, none of which names a version that the rows have yet to learn of. They end with the
 * reason of their signal when it aborts.
 */
export interface RecordReads {
  /** Gives the versions that meet a filter. */
  matching(filter: Filter, signal?: AbortSignal): Promise<Float64Array>
  /** Gives the values of some fields in the versions that meet a filter, of one moment. */
  facets(
    filter: Filter | null,
    fields: readonly string[],
    signal?: AbortSignal,
  ): Promise<FacetsOfKeys>
  /** Gives the records of these versions, in their order; null where a version is gone. */
  recordsByKey(
    keys: readonly number[],
    signal?: AbortSignal,
  ): Promise<readonly (KeyedRecord | null)[]>
  /** Gives one field of these versions. */
  fieldValues(keys: readonly number[], field: string, signal?: AbortSignal): Promise<FieldValues>
  page(options: PageOptions, signal?: AbortSignal): Promise<readonly KeyedRecord[]>
}
