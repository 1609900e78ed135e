import type { Table } from '../../text-table.ts'
import type { LabelledImage } from '../../training/data/labelled-images.ts'

/** A report, in whatever form it is written. */
export interface ReportDocument {
  readonly title: string
  /** A paragraph each, before the table. */
  readonly facts: readonly string[]
  readonly table: Table
  /** A paragraph each, after the table. */
  readonly notes: readonly string[]
  readonly charts: readonly Chart[]
  readonly examples: Examples | null
}

export interface Chart {
  readonly title: string
  /** The name of the horizontal axis. */
  readonly x: string
  readonly series: readonly Series[]
}

export interface Series {
  readonly name: string
  /** Series of one kind have one colour, and one entry in the legend. */
  readonly kind: string
  /** Series of one stroke are dashed alike; where there are several, each has an entry in the legend. */
  readonly stroke: string
  /** At least one. */
  readonly points: readonly (readonly [x: number, y: number])[]
}

export interface Examples {
  /** A paragraph on how the queries were chosen. */
  readonly caption: string
  readonly queries: readonly ExampleQuery[]
}

export interface ExampleQuery {
  readonly query: ReportImage
  /** What it reached, in words; empty where that is not known. */
  readonly score: string
  readonly answers: readonly {
    /** The name of what answered; empty where there is only one. */
    readonly by: string
    /** The nearest first. */
    readonly found: readonly FoundImage[]
  }[]
}

export type ReportImage = Pick<LabelledImage, 'id' | 'label' | 'path'>

interface FoundImage extends ReportImage {
  readonly isRight: boolean
  /** The Euclidean distance of unit vectors. */
  readonly distance: number
}

/** Says which distances are shown. */
export const DISTANCES =
  'Distances are Euclidean, of vectors of length 1: from 0 for the same direction to 2 for the opposite one.'

/** JPEG files by the path of the image; null for one that cannot be shown. */
export type Thumbnails = ReadonlyMap<string, Uint8Array | null>

/** Lists the image files that a document shows, each once. */
export function imagePaths({ examples }: ReportDocument): string[] {
  const paths = (examples?.queries ?? []).flatMap(({ query, answers }) => [
    query.path,
    ...answers.flatMap(({ found }) => found.map(({ path }) => path)),
  ])
  return [...new Set(paths)]
}
