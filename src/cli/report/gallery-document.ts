import { nearestRows, spreadQueries } from '../../evaluation/example-queries.ts'
import type { LabelledImage } from '../../training/data/labelled-images.ts'
import { foundImages } from '../../training/export/example-images.ts'
import type { RowMatrix } from '../../vector/row-matrix.ts'
import {
  type GalleryQueries,
  type GalleryReport,
  galleryLine,
  galleryTable,
} from '../gallery-evaluation.ts'
import type { ReportDocument } from './report-document.ts'

/** How much a report shows. */
const [EXAMPLES, SHOWN, MOST_RANKS] = [12, 8, 20]

interface GalleryPictures {
  readonly images: readonly LabelledImage[]
  /** A unit vector for each. */
  readonly vectors: RowMatrix
}

/** The report of `lookalike evaluate` of queries and gallery. */
export function galleryDocument(
  file: string,
  report: GalleryReport,
  { precisions, firstRanks }: GalleryQueries,
  { images, vectors }: GalleryPictures,
): ReportDocument {
  const queries = spreadQueries(precisions, EXAMPLES)
  // The camera rule of the protocol: what the query's own camera saw of its subject is no answer.
  const leftOut = (query: number, row: number) => {
    const [asked, other] = [images[query]!, images[row]!]
    const isSeenAlike = asked.camera !== null && asked.camera === other.camera
    return other.split !== 'gallery' || (isSeenAlike && asked.label === other.label)
  }
  const nearest = nearestRows(vectors, queries, SHOWN, leftOut)
  return {
    title: `How well ${report.model} finds in the gallery what was asked for`,
    facts: [`${galleryLine(report)}, of ${file}.`],
    table: galleryTable(report),
    notes: [
      'From 0 to 1, higher is better. Rank k: the share of queries with a true match among the first k. mAP: the mean of the precisions at the true matches. mINP: what finding the last of them costs.',
    ],
    charts: [
      {
        title: 'CMC: share of queries with a true match among the first',
        x: 'rank',
        series: [{ name: 'rank', kind: 'CMC', points: cmc(firstRanks, report.gallery) }],
      },
    ],
    examples: {
      caption: `${queries.length} of ${precisions.size} queries in even steps from the lowest average precision to the highest, each with the ${SHOWN} nearest pictures of the gallery and their distances.`,
      queries: queries.map((query, i) => {
        const asked = images[query]!
        const found = foundImages(asked, nearest[i]!, images)
        return { asked, answers: [{ by: '', found }] }
      }),
    },
  }
}

/** Cumulative match characteristic, from rank 1. */
function cmc(firstRanks: readonly number[], gallery: number): (readonly [number, number])[] {
  return Array.from({ length: Math.min(MOST_RANKS, gallery) }, (_, i) => {
    const within = firstRanks.filter((rank) => rank <= i + 1).length
    return [i + 1, within / firstRanks.length] as const
  })
}
