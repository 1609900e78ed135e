import type { Metric } from '../../vector/metric/metric.ts'
import type { RestoredObject, StructureSnapshot } from './structure-snapshot.ts'

export interface FoundObject {
  readonly id: number
  /** Exactly what the metric computes for the query and this object, in this order. */
  readonly distance: number
}

/** Objects in no order, and what they cost. */
export interface MetricAnswer {
  readonly ids: Uint32Array
  readonly distances: Float64Array
  /** Distances computed for this answer; a scan computes one an object. */
  readonly computedDistances: number
}

/** Objects by distance, then id, for as long as the caller asks for more. */
export interface IncrementalSearch extends IterableIterator<FoundObject> {
  /** Distances computed so far. */
  readonly computedDistances: number
  /** Parts, candidates and objects that it knows of and has not come to. */
  readonly waiting: number
}

/**
 * Objects of any kind, searched exactly through a metric: every answer equals that of a scan that
 * computes each distance. Objects must not be changed while they are here.
 *
 * A distance that is NaN, infinite or negative throws NOT_A_METRIC. Whatever the metric throws comes
 * through; an object that it cannot compare with the others is not added, nor its batch.
 */
export interface MetricIndex<T> {
  readonly metric: Metric<T>
  readonly size: number
  /** Distances computed for building and changes, not for answers. */
  readonly maintenanceDistances: number
  has(id: number): boolean
  /** Gives all objects, in no order. Nothing may be changed meanwhile. */
  objects(): Iterable<readonly [id: number, object: T]>
  /**
   * @param id a whole number from 0 to 2^32 - 1.
   * @throws INVALID_ID, DUPLICATE_ID when it is taken; NOT_A_METRIC when the object is not at
   * distance 0 from itself.
   */
  insert(id: number, object: T): void
  /** Deletes an object; returns whether it was there. */
  delete(id: number): boolean
  /** Adds a batch, and builds over everything. All or nothing; throws what `insert` throws. */
  bulkLoad(objects: Iterable<readonly [id: number, object: T]>): void
  /** Finds all objects at a distance of at most `radius`. @throws INVALID_REQUEST for NaN. */
  range(query: T, radius: number): MetricAnswer
  /**
   * Finds the `k` nearest within `radius`, and all that tie with the last of them; the caller breaks ties.
   * @throws INVALID_REQUEST unless k is a whole number of at least 1 and radius a number.
   */
  nearest(query: T, k: number, radius?: number): MetricAnswer
  /**
   * Gives all objects in order, lazily (Hjaltason and Samet, Distance browsing, 1999). To ask for more after
   * the index has changed throws INDEX_CHANGED.
   */
  incremental(query: T): IncrementalSearch
  /** Names every invariant that does not hold; computes many distances. For tests and repair. */
  check(): string[]
  /** Writes down ids, distances and shape, without the objects. May rebuild first, to forget deleted ones. */
  serialise(): StructureSnapshot
  /**
   * Takes over a snapshot of the same structure, options and metric, into an empty index. `lookup`
   * must give the very objects it was made of, by their ids of then: they are not compared with the stored
   * distances. Those that have ended are needed too, and are then deleted as by `delete`.
   * @throws INDEX_INVALID for anything damaged or different; the index is then still empty.
   */
  restore(snapshot: StructureSnapshot, lookup: (id: number) => RestoredObject<T> | undefined): void
}
