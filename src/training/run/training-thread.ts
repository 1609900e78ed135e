import { readlinkSync } from 'node:fs'
import { setPriority } from 'node:os'
import { basename } from 'node:path'
import { AppError } from '../../errors.ts'
import { serveThread, type ThreadOwner } from '../../threads/thread-host.ts'
import type { EmbedPicture } from '../data/embed-files.ts'
import { type TrainSurroundings, trainModel } from './train-model.ts'
import type {
  EmbedCalls,
  ProgressNotices,
  TrainingCalls,
  TrainingNotices,
} from './training-calls.ts'

const NICENESS = 10

/**
 * The thread of one training, from images to the model: principal components, rankings and a large
 * ONNX file hold it for seconds.
 */
await serveThread<TrainingCalls, TrainingNotices, EmbedCalls, ProgressNotices>((owner) => {
  const stop = new AbortController()
  const { signal } = stop
  const embed: EmbedPicture = (bytes) => {
    if (signal.aborted) throw new AppError('CANCELLED', 'stopped while images were embedded')
    return owner.call('embed', bytes)
  }
  return {
    notices: { abort: () => stop.abort() },
    calls: {
      async train({ request, config, embedsOutside, givesWay }) {
        if (givesWay) giveWay()
        const around = { ...reportsTo(owner), ...(embedsOutside ? { embed } : {}), signal }
        return await trainModel(request, config, around)
      },
    },
  }
})

function reportsTo({
  notify,
}: ThreadOwner<EmbedCalls, ProgressNotices>): Omit<TrainSurroundings, 'embed' | 'signal'> {
  return {
    say: (line) => notify('say', line),
    onProgress: (progress) => notify('heads', progress),
    onCheckpoint: () => notify('checkpoint', null),
    startProgress(total) {
      notify('images', total)
      return {
        update: (counts) => notify('imagesDone', counts),
        stop: () => notify('imagesDone', null),
      }
    },
  }
}

/** Linux has a niceness for each thread, and threads that it starts inherit it. */
function giveWay(): void {
  if (process.platform !== 'linux') return
  setPriority(Number(basename(readlinkSync('/proc/thread-self'))), NICENESS)
}
