import type { Metadata } from '../../engine/metadata.ts'
import type { LabelFrom } from './import-source.ts'

/**
 * Gives the metadata that an image should have.
 * @param stored that of the record of this very image; null for an image that is new.
 */
export type WantedMetadata = (stored: Metadata | null) => Metadata

/** Gives the metadata of a path. A file that lies directly in the folder has no label. */
export function labelOf(id: string, labelFrom: LabelFrom): Metadata {
  const slash = id.indexOf('/')
  return labelFrom === 'none' || slash === -1 ? {} : { label: id.slice(0, slash) }
}

/** Wants the label of a path where there is none: one that somebody gave stays. */
export function labelOfPath(id: string, labelFrom: LabelFrom): WantedMetadata {
  return (stored) => ({ ...labelOf(id, labelFrom), ...stored })
}

/** Wants exactly what was given; of an unchanged image, what it has where nothing was. */
export function asGiven(metadata: Metadata): WantedMetadata {
  return (stored) => (Object.keys(metadata).length === 0 ? (stored ?? {}) : metadata)
}
