import { numberClasses } from '../evaluation/class-numbers.ts'
import { evaluateGallery, type GalleryEvaluation } from '../evaluation/evaluate-gallery.ts'
import { type Column, textTable } from '../text-table.ts'
import type { LabelledImage } from '../training/labelled-images.ts'
import { packRows, type RowMatrix, rowOf } from '../vector/row-matrix.ts'

/** The fixed form of `lookalike evaluate --json` for queries and gallery. */
interface GalleryReport extends GalleryEvaluation {
  readonly model: string
  /** Images searched. */
  readonly gallery: number
}

/** Images whose split is `query` ask, those of `gallery` answer. @throws as evaluateGallery. */
export function galleryReport(
  model: string,
  images: readonly LabelledImage[],
  vectors: RowMatrix,
): GalleryReport {
  const { classes } = numberClasses(images.map(({ label }) => label))
  const { classes: cameras } = numberClasses(images.map(({ camera }) => camera ?? ''))
  const hasCameras = images.every(({ camera }) => camera !== null)
  const part = (split: 'query' | 'gallery') => {
    const rows = [...images.keys()].filter((row) => images[row]!.split === split)
    return {
      vectors: packRows(
        rows.map((row) => rowOf(vectors, row)),
        vectors.dimensions,
      ),
      classes: Int32Array.from(rows, (row) => classes[row]!),
      cameras: hasCameras ? Int32Array.from(rows, (row) => cameras[row]!) : null,
    }
  }
  const gallery = part('gallery')
  const evaluation = evaluateGallery(part('query'), gallery)
  return { model, gallery: gallery.vectors.count, ...evaluation }
}

/** For people. */
export function galleryTable(report: GalleryReport): string {
  const { model, gallery, queries, skipped, rank1, rank5, rank10, map, minp } = report
  const columns: readonly Column[] = [
    { title: '', align: 'left' },
    { title: 'over queries', align: 'right' },
  ]
  const measures = { 'rank 1': rank1, 'rank 5': rank5, 'rank 10': rank10, mAP: map, mINP: minp }
  const rows = Object.entries(measures).map(([name, value]) => [name, value.toFixed(3)])
  const asked = `${queries} asked with, ${skipped} without a true match`
  return `${model}: ${gallery} images searched, ${asked}\n\n${textTable(columns, rows)}`
}
