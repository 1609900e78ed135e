import { numberClasses } from '../evaluation/class-numbers.ts'
import { evaluateGallery, type GalleryEvaluation } from '../evaluation/evaluate-gallery.ts'
import type { Table } from '../text-table.ts'
import type { LabelledImage } from '../training/data/labelled-images.ts'
import { type RowMatrix, selectRows } from '../vector/row-matrix.ts'

/** The fixed form of `lookalike evaluate --json` for queries and gallery. */
export interface GalleryReport extends GalleryEvaluation {
  readonly model: string
  /** Images searched. */
  readonly gallery: number
}

/** What a report shows of single queries, by the row of the image. */
export interface GalleryQueries {
  /** Average precision of each that has a true match. */
  readonly precisions: ReadonlyMap<number, number>
  /** Of the first true match of each. */
  readonly firstRanks: readonly number[]
}

/** Images whose split is `query` ask, those of `gallery` answer. @throws as evaluateGallery. */
export async function measureGallery(
  model: string,
  images: readonly LabelledImage[],
  vectors: RowMatrix,
): Promise<{ readonly report: GalleryReport; readonly queries: GalleryQueries }> {
  const { classes } = numberClasses(images.map(({ label }) => label))
  const { classes: cameras } = numberClasses(images.map(({ camera }) => camera ?? ''))
  const hasCameras = images.every(({ camera }) => camera !== null)
  const rowsOf = (split: 'query' | 'gallery') => {
    return [...images.keys()].filter((row) => images[row]!.split === split)
  }
  const part = (rows: readonly number[]) => ({
    vectors: selectRows(vectors, rows),
    classes: Int32Array.from(rows, (row) => classes[row]!),
    cameras: hasCameras ? Int32Array.from(rows, (row) => cameras[row]!) : null,
  })
  const [asking, gallery] = [rowsOf('query'), part(rowsOf('gallery'))]
  const precisions = new Map<number, number>()
  const firstRanks: number[] = []
  const onQuery = (query: number, reached: { precision: number; first: number }) => {
    precisions.set(asking[query]!, reached.precision)
    firstRanks.push(reached.first)
  }
  const evaluation = await evaluateGallery(part(asking), gallery, onQuery)
  return {
    report: { model, gallery: gallery.vectors.count, ...evaluation },
    queries: { precisions, firstRanks },
  }
}

export function galleryLine({ model, gallery, queries, skipped }: GalleryReport): string {
  const asked = `${queries} asked with, ${skipped} without a true match`
  return `${model}: ${gallery} images searched, ${asked}`
}

export function galleryTable({ rank1, rank5, rank10, map, minp }: GalleryReport): Table {
  const measures = { 'rank 1': rank1, 'rank 5': rank5, 'rank 10': rank10, mAP: map, mINP: minp }
  return {
    columns: [
      { title: '', align: 'left' },
      { title: 'over queries', align: 'right' },
    ],
    rows: Object.entries(measures).map(([name, value]) => [name, value.toFixed(3)]),
  }
}
