import { basename, resolve } from 'node:path'
import { nearestRows, spreadQueries } from '../../evaluation/example-queries.ts'
import type { LabelledImage } from '../../training/data/labelled-images.ts'
import { foundImages } from '../../training/export/example-images.ts'
import type { RowMatrix } from '../../vector/row-matrix.ts'
import { DISTANCES, type Examples, type ReportDocument } from '../report/report-document.ts'

/** The result of an evaluation, as it is printed and written. */
export interface Evaluation {
  /** Printed by `--json`. */
  readonly report: object
  /** A line on what was measured. */
  readonly line: string
  readonly table: ReportDocument['table']
  /** Lines on what was left out. */
  readonly remarks: readonly string[]
  /** Makes the document of `--report`. */
  document(): ReportDocument
}

export interface EmbeddedImages {
  readonly embedded: readonly LabelledImage[]
  /** A unit vector for each image. */
  readonly vectors: RowMatrix
}

/** Gives the name of a folder or file as a report shows it: without the folders of this machine above it. */
export function nameIn(path: string): string {
  return basename(resolve(path))
}

const EXAMPLES = 12
const SHOWN = 8

/**
 * Chooses some of the queries, from the worst to the best, with the images nearest to each.
 * @param scores of the queries, by their rows.
 * @param words the name of the score, and of the images searched.
 */
export function exampleQueries(
  { embedded, vectors }: EmbeddedImages,
  scores: ReadonlyMap<number, number>,
  words: { readonly score: string; readonly searched: string },
  leftOut?: (query: number, row: number) => boolean,
): Examples {
  const queries = spreadQueries(scores, EXAMPLES)
  const nearest = nearestRows(vectors, queries, SHOWN, leftOut)
  return {
    caption: `${queries.length} of ${scores.size} queries in even steps from the lowest ${words.score} to the highest, each with its ${words.score} and the ${SHOWN} nearest ${words.searched}. ${DISTANCES}`,
    queries: queries.map((row, i) => {
      const query = embedded[row]!
      const score = `${words.score} ${scores.get(row)!.toFixed(3)}`
      return {
        query,
        score,
        answers: [{ by: '', found: foundImages(query, nearest[i]!, embedded) }],
      }
    }),
  }
}
