import { readlinkSync } from 'node:fs'
import { setPriority } from 'node:os'
import { basename } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import { AppError } from '../../errors.ts'
import type { EmbedImage } from '../data/embed-files.ts'
import { receivedError, sentError } from './sent-error.ts'
import type {
  FromTrainingThread,
  ToTrainingThread,
  TrainingThreadStart,
} from './thread-messages.ts'
import { trainModel } from './train-model.ts'

/**
 * The thread of one training, from pictures to the model: principal components, rankings and a large
 * ONNX file hold it for seconds. Whoever started it ends it after `trained` or `failed`.
 */
const { request, config, embedsOutside, givesWay } = workerData as TrainingThreadStart
const port = parentPort
if (port === null) throw new Error('expected to be started as a worker thread')

interface Pending {
  resolve(vector: Float32Array): void
  reject(error: Error): void
}

const NICENESS = 10
const stop = new AbortController()
const pending = new Map<number, Pending>()
let calls = 0

// Linux has a niceness for each thread, and threads that it starts inherit it.
if (givesWay && process.platform === 'linux') {
  setPriority(Number(basename(readlinkSync('/proc/thread-self'))), NICENESS)
}

function tell(message: FromTrainingThread): void {
  port!.postMessage(message)
}

const embed: EmbedImage = (bytes) => {
  if (stop.signal.aborted) throw new AppError('CANCELLED', 'stopped while images were embedded')
  const call = calls++
  tell({ kind: 'embed', call, bytes })
  return new Promise((resolve, reject) => pending.set(call, { resolve, reject }))
}

port.on('message', (message: ToTrainingThread) => {
  if (message.kind === 'abort') {
    stop.abort()
    return
  }
  const { call } = message
  const waiting = pending.get(call)
  pending.delete(call)
  if (message.kind === 'embedded') waiting?.resolve(message.vector)
  else waiting?.reject(receivedError(message.error))
})

try {
  const model = await trainModel(request, config, {
    onNote: (line) => tell({ kind: 'say', line }),
    onProgress: (progress) => tell({ kind: 'heads', progress }),
    onCheckpoint: () => tell({ kind: 'checkpoint' }),
    startProgress(total) {
      tell({ kind: 'images', total })
      return {
        update: (counts) => tell({ kind: 'images done', counts }),
        stop: () => tell({ kind: 'images done', counts: null }),
      }
    },
    ...(embedsOutside ? { embed } : {}),
    signal: stop.signal,
  })
  tell({ kind: 'trained', model })
} catch (error) {
  tell({ kind: 'failed', error: sentError(error) })
}
