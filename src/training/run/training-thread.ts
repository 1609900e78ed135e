import { readlinkSync } from 'node:fs'
import { setPriority } from 'node:os'
import { basename } from 'node:path'
import { AppError } from '../../errors.ts'
import type { ImageView } from '../../image/image-decoder.ts'
import type { HeadsProgress } from '../../learning/heads/train-heads.ts'
import { serveThread } from '../../threads/thread-host.ts'
import type { TrainingConfig } from '../context.ts'
import type { EmbedImage } from '../data/embed-files.ts'
import type { ImageCounts } from '../data/image-counts.ts'
import { type TrainedModel, type TrainRequest, trainModel } from './train-model.ts'

export interface TrainingCalls {
  train(args: {
    readonly request: TrainRequest
    readonly config: TrainingConfig
    /** Whether images are embedded by whoever started the thread. */
    readonly embedsOutside: boolean
    /** Gives way to all other threads of the machine, where it can. */
    readonly givesWay: boolean
  }): Promise<TrainedModel>
}

export interface TrainingNotices {
  /** Makes the thread write its checkpoint, and fail with CANCELLED. */
  abort(): void
}

/** The calls of the thread while it trains: see EmbedImage. */
export interface EmbedCalls {
  embed(image: {
    readonly bytes: Uint8Array
    readonly view: ImageView | null
  }): Promise<Float32Array>
}

/** See `TrainingContext`. */
export interface ProgressNotices {
  note(line: string): void
  heads(progress: HeadsProgress): void
  checkpoint(): void
  /** @param total the number of images. */
  images(total: number): void
  /** @param counts null once all are done. */
  imagesDone(counts: ImageCounts | null): void
}

const NICENESS = 10

/**
 * The thread of one training, from images to the model: principal components, rankings and a large
 * ONNX file hold it for seconds.
 */
await serveThread<EmbedCalls, ProgressNotices>((owner) => {
  const stop = new AbortController()
  const { signal } = stop
  const embed: EmbedImage = (bytes, view) => {
    if (signal.aborted) throw new AppError('CANCELLED', 'stopped while images were embedded')
    return owner.call('embed', { bytes, view })
  }
  const calls: TrainingCalls = {
    train({ request, config, embedsOutside, givesWay }) {
      if (givesWay) giveWay()
      return trainModel(request, config, {
        onNote: (line) => owner.notify('note', line),
        onProgress: (progress) => owner.notify('heads', progress),
        onCheckpoint: () => owner.notify('checkpoint', undefined),
        startProgress(total) {
          owner.notify('images', total)
          return {
            update: (counts) => owner.notify('imagesDone', counts),
            stop: () => owner.notify('imagesDone', null),
          }
        },
        ...(embedsOutside ? { embed } : {}),
        signal,
      })
    },
  }
  const notices: TrainingNotices = { abort: () => stop.abort() }
  return { calls, notices }
})

/** Linux has a niceness for each thread, and threads that it starts inherit it. */
function giveWay(): void {
  if (process.platform !== 'linux') return
  setPriority(Number(basename(readlinkSync('/proc/thread-self'))), NICENESS)
}
