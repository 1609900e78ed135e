/** What the page knows of the HTTP contract: the members that it reads and writes, as /openapi.json names them. */

export type Value = string | number | boolean
type Metadata = Readonly<Record<string, unknown>>
/** A filter of the contract, as JSON. */
export type Filter = Readonly<Record<string, unknown>>

export interface Collection {
  readonly name: string
  readonly model: string | null
  readonly metric: 'cosine' | 'euclidean'
  readonly dimensions: number
  readonly fields: readonly string[]
  readonly identityField: string | null
  readonly cameraField: string | null
  readonly keep: 'none' | 'thumbnail' | 'original'
  readonly count: number
  readonly bytes: { readonly disk: number; readonly memory: number }
  readonly plan: string
  readonly graph: { readonly kind: 'none' | 'building' | 'ready' | 'failed' }
  readonly recall: readonly MeasuredRecall[]
  readonly createdAt: string
}

interface MeasuredRecall {
  readonly filter: string
  readonly ef: number
  readonly recall: number
  readonly low: number
  readonly high: number
}

export interface StoredRecord {
  readonly id: string
  readonly metadata: Metadata
  readonly image: { readonly width: number; readonly height: number; readonly bytes: number } | null
  readonly hasContent: boolean
  readonly updatedAt: string
}

export interface Match {
  readonly id: string
  readonly distance: number
  readonly similarity?: number
  readonly metadata?: Metadata
  readonly group?: Value
}

/** One picture of a query that names several. */
export type Example =
  | { readonly id: string }
  | { readonly image: { readonly data: string } }
  | { readonly vector: readonly number[] }

export type SearchQuery =
  | Example
  | { readonly images: readonly { readonly data: string }[] }
  | { readonly positive: readonly Example[]; readonly negative: readonly Example[] }

export interface SearchRequest {
  readonly query: SearchQuery
  readonly k?: number
  readonly radius?: number
  readonly filter?: Filter
  readonly groupBy?: string
  readonly limit?: number
  readonly diversity?: number
  readonly include: readonly ('metadata' | 'explain')[]
}

export interface SearchAnswer {
  readonly matches: readonly Match[]
  readonly exact: boolean
  readonly complete: boolean
  readonly cursor: string | null
  readonly explain?: { readonly plan: string; readonly recall?: MeasuredRecall | null }
  readonly timings: { readonly searchMs: number; readonly totalMs: number }
}

export type MapMethod = 'pca' | 'umap'

/** The points of a map in columns, numbers in base64. */
export interface MapAnswer {
  readonly ids: readonly string[]
  readonly points: string
  readonly field: {
    readonly name: string
    readonly values?: readonly Value[]
    readonly places?: string
    readonly numbers?: string
  } | null
  readonly method: MapMethod
  /** When it was laid out; null by `pca`. */
  readonly madeAt: string | null
  readonly of: number
  readonly complete: boolean
  readonly model: string | null
  readonly plane: {
    readonly records: number
    readonly changes: number
    readonly shares: readonly [number, number]
  }
}

/** The pictures that the service brings along. */
export interface Examples {
  readonly collection: string
  readonly pictures: number
  /** The id of one that is good to search by first. */
  readonly first: string
  readonly mayAdd: boolean
}

export interface RecordPage {
  readonly records: readonly StoredRecord[]
  readonly cursor: string | null
}

type JobState = 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled'

export interface Job {
  readonly id: string
  readonly kind: string
  readonly collection: string | null
  readonly about: string
  readonly state: JobState
  readonly progress: {
    readonly done: number
    readonly total: number | null
    readonly counts: Readonly<Record<string, number>>
  }
  readonly details: Readonly<Record<string, unknown>> | null
  readonly error: { readonly code: string; readonly detail: string } | null
  readonly createdAt: string
  readonly finishedAt: string | null
}

/** RFC 9457, with the code of the service. */
export interface Problem {
  readonly status: number
  readonly code: string
  readonly title: string
  readonly detail: string
}

type Decision = 'known' | 'doubtful' | 'unknown' | 'undecided'

export interface IdentifyAnswer {
  readonly decision: Decision
  readonly identity: Value | null
  readonly distance: string
  readonly thresholds: { readonly known: number | null; readonly unknown: number | null }
  readonly candidates: readonly {
    readonly identity: Value
    readonly distance: number
    readonly probability?: number
    readonly best: readonly { readonly id: string; readonly distance: number }[]
  }[]
}

export interface VerifyAnswer {
  readonly same: boolean | null
  readonly distance: number
  readonly threshold: number | null
  readonly probability: number | null
  readonly falseMatchRate: number | null
  readonly falseNonMatchRate: number | null
}

interface CalibratedDistance {
  readonly matches: readonly {
    readonly rate: number
    readonly threshold: number | null
    readonly missed: number
    readonly enough: boolean
  }[]
  readonly roc: readonly { readonly falseMatchRate: number; readonly falseNonMatchRate: number }[]
}

export interface Calibration {
  readonly best: string
  readonly distances: Readonly<Record<string, CalibratedDistance>>
  readonly identities: number
  readonly calibratedAt: string
}

/** What the job of a training shows while it runs, and its report at the end. */
export interface TrainingDetails {
  readonly stage: string
  readonly curve: readonly TrainingPoint[]
  readonly report: {
    readonly model: string
    readonly test: Readonly<Record<'backbone' | 'pca' | 'head' | 'winner', TrainingMeasures>> & {
      readonly intervals: Readonly<Record<string, readonly [number, number]>>
    }
  } | null
}

interface TrainingPoint {
  readonly head: number
  readonly start: string
  readonly step: number
  readonly mapAtR: number
  readonly loss: number | null
}

interface TrainingMeasures {
  readonly recallAt1: number
  readonly rPrecision: number
  readonly mapAtR: number
  readonly map: number
}
