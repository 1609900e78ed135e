import { numberClasses } from '../../evaluation/class-numbers.ts'
import { evaluateGallery } from '../../evaluation/evaluate-gallery.ts'
import { left, right } from '../../text-table.ts'
import type { LabelledImage } from '../../training/data/labelled-images.ts'
import { selectRows } from '../../vector/row-matrix.ts'
import { type EmbeddedImages, type Evaluation, exampleQueries, nameIn } from './evaluation.ts'

const MOST_RANKS = 20

/** Measures how well the images whose split in `file` is `query` find those of `gallery`. @throws as evaluateGallery. */
export async function measureGallery(
  model: string,
  file: string,
  files: EmbeddedImages,
): Promise<Evaluation> {
  const { embedded: images, vectors } = files
  const { classes } = numberClasses(images.map(({ label }) => label))
  const { classes: cameras } = numberClasses(images.map(({ camera }) => camera ?? ''))
  const hasCameras = images.every(({ camera }) => camera !== null)
  const rowsOf = (split: 'query' | 'gallery') =>
    [...images.keys()].filter((row) => images[row]!.split === split)
  const part = (rows: readonly number[]) => ({
    vectors: selectRows(vectors, rows),
    classes: Int32Array.from(rows, (row) => classes[row]!),
    cameras: hasCameras ? Int32Array.from(rows, (row) => cameras[row]!) : null,
  })
  const [queries, gallery] = [rowsOf('query'), rowsOf('gallery')]
  const precisions = new Map<number, number>()
  const firstRanks: number[] = []
  const onQuery = (query: number, reached: { precision: number; first: number }) => {
    precisions.set(queries[query]!, reached.precision)
    firstRanks.push(reached.first)
  }
  const evaluation = await evaluateGallery(part(queries), part(gallery), onQuery)
  const { rank1, rank5, rank10, map, minp, skipped } = evaluation
  const counts = `${evaluation.queries} asked with, ${skipped} without a true match`
  const line = `${model}: ${gallery.length} images searched, ${counts}`
  const measures = { 'rank 1': rank1, 'rank 5': rank5, 'rank 10': rank10, mAP: map, mINP: minp }
  const table = {
    columns: [left(''), right('over queries')],
    rows: Object.entries(measures).map(([name, value]) => [name, value.toFixed(3)]),
  }
  const words = { score: 'average precision', searched: 'pictures of the gallery' }
  return {
    report: { model, gallery: gallery.length, ...evaluation },
    line,
    table,
    remarks: [],
    document: () => ({
      title: `How well ${model} finds in the gallery what was asked for`,
      facts: [`${line}, of ${nameIn(file)}.`],
      table,
      notes: [
        'From 0 to 1, higher is better. Rank k: the share of queries with a true match among the first k. mAP: the mean of the precisions at the true matches. mINP: what finding the last of them costs.',
      ],
      charts: [
        {
          title: 'CMC: share of queries with a true match among the first',
          x: 'rank',
          series: [
            { name: 'rank', kind: 'CMC', stroke: '', points: cmc(firstRanks, gallery.length) },
          ],
        },
      ],
      examples: exampleQueries(files, precisions, words, (query, row) =>
        isLeftOut(images[query]!, images[row]!),
      ),
    }),
  }
}

/** The camera rule of the protocol: what the query's own camera saw of its subject is no answer. */
function isLeftOut(query: LabelledImage, other: LabelledImage): boolean {
  const isOfOneCamera = query.camera !== null && query.camera === other.camera
  return other.split !== 'gallery' || (isOfOneCamera && query.label === other.label)
}

/** Gives the cumulative match characteristic, from rank 1. */
function cmc(firstRanks: readonly number[], gallery: number): (readonly [number, number])[] {
  return Array.from({ length: Math.min(MOST_RANKS, gallery) }, (_, i) => {
    const within = firstRanks.filter((rank) => rank <= i + 1).length
    return [i + 1, within / firstRanks.length] as const
  })
}
