import type { LabelledEvaluation } from '../../evaluation/evaluate-labelled.ts'
import { nearestRows, spreadQueries } from '../../evaluation/example-queries.ts'
import { foundImages } from '../../training/export/example-images.ts'
import type { RowMatrix } from '../../vector/row-matrix.ts'
import { evaluationLine, evaluationTable } from '../evaluation-report.ts'
import type { ReportDocument, ReportPicture } from './report-document.ts'

/** How much a report shows. */
const [EXAMPLES, SHOWN] = [12, 8]

interface EvaluatedImages {
  readonly images: readonly ReportPicture[]
  /** A unit vector for each. */
  readonly vectors: RowMatrix
  /** MAP@R of each that asked, by its row. */
  readonly scores: ReadonlyMap<number, number>
}

/** The report of `lookalike evaluate`. */
export function evaluationDocument(
  model: string,
  folder: string,
  evaluation: LabelledEvaluation,
  { images, vectors, scores }: EvaluatedImages,
): ReportDocument {
  const queries = spreadQueries(scores, EXAMPLES)
  const nearest = nearestRows(vectors, queries, SHOWN)
  const { alone } = evaluation
  return {
    title: `How well ${model} finds pictures of the same class`,
    facts: [
      `${evaluationLine(model, evaluation)}. Every picture of ${folder} asks, and all others are searched.`,
      ...(alone > 0 ? [`Alone in the class, so that they were searched only: ${alone}.`] : []),
    ],
    table: evaluationTable(evaluation),
    notes: [
      'From 0 to 1, higher is better. Intervals: the classes drawn anew (bootstrap), so that they tell how far a number may move on other classes of the same kind.',
    ],
    charts: [],
    examples: {
      caption: `${queries.length} of ${scores.size} queries in even steps from the lowest MAP@R to the highest, each with the ${SHOWN} nearest pictures and their distances.`,
      queries: queries.map((query, i) => {
        const asked = images[query]!
        const found = foundImages(asked, nearest[i]!, images)
        return { asked, answers: [{ by: '', found }] }
      }),
    },
  }
}
