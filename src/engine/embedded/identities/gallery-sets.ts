import type { FoundSet, SetAnswer, SetName, SetQuery } from '../../../index/metric/row-sets.ts'

/** A set of records as it is from now on; one without keys is forgotten. */
export interface RecordSet {
  readonly name: SetName
  /** Versions in force (see StoredRecord.key). */
  readonly keys: readonly number[]
}

export interface FoundRecordSet extends Omit<FoundSet, 'nearest'> {
  /** Its record that is nearest to any vector of the query: of those that tie, the one stored first. */
  readonly nearest: { readonly id: string; readonly distance: number }
}

export interface RecordSetAnswer extends Omit<SetAnswer, 'found'> {
  readonly found: readonly FoundRecordSet[]
}

/** Port: sets of the records of a gallery, searched exactly by Hausdorff distance. As ThreadedSets, by version. */
export interface GallerySets {
  readonly memoryBytes: number
  put(changes: readonly RecordSet[]): Promise<void>
  search(query: SetQuery): Promise<RecordSetAnswer>
  forget(): void
}
