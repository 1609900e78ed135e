import { Worker } from 'node:worker_threads'
import { AppError } from '../../errors.ts'
import type { TrainingConfig, TrainingContext } from '../context.ts'
import type { EmbeddingProgress, EmbedImage } from '../data/embed-files.ts'
import { receivedError, sentError } from './sent-error.ts'
import type {
  FromTrainingThread,
  ToTrainingThread,
  TrainingThreadStart,
} from './thread-messages.ts'
import type { TrainedModel, TrainRequest } from './train-model.ts'

interface ThreadOptions {
  /** Lets searches of the same process go first. */
  readonly givesWay: boolean
  /** For tests. */
  readonly script?: URL
}

/**
 * trainModel in a thread of its own. A signal that aborts is told to the thread, which writes its
 * checkpoint and ends.
 * @throws as trainModel; THREAD_FAILED when the thread dies.
 */
export async function trainInThread(
  request: TrainRequest,
  config: TrainingConfig,
  around: TrainingContext,
  { givesWay, script = new URL('./training-thread.js', import.meta.url) }: ThreadOptions,
): Promise<TrainedModel> {
  const { dataFolder, modelsFolder, model, provider, maxPixels, maxBodyBytes } = config
  const start: TrainingThreadStart = {
    request,
    config: { dataFolder, modelsFolder, model, provider, maxPixels, maxBodyBytes },
    embedsOutside: around.embed !== undefined,
    givesWay,
  }
  const worker = new Worker(script, { workerData: start })
  const abort = () => worker.postMessage({ kind: 'abort' } satisfies ToTrainingThread)
  around.signal.addEventListener('abort', abort, { once: true })
  if (around.signal.aborted) abort()
  try {
    return await new Promise<TrainedModel>((resolve, reject) => {
      const died = (why: string, cause?: unknown) =>
        reject(new AppError('THREAD_FAILED', `training: its thread ${why}`, { cause }))
      worker.once('error', (error) => died(`failed: ${error.message}`, error))
      worker.once('exit', (code) => died(`ended with exit code ${code}`))
      let progress: EmbeddingProgress | null = null
      worker.on('message', (message: FromTrainingThread) => {
        switch (message.kind) {
          case 'say':
            return around.onNote(message.line)
          case 'heads':
            return around.onProgress(message.progress)
          case 'checkpoint':
            return around.onCheckpoint?.()
          case 'images':
            progress = around.startProgress(message.total)
            return
          case 'images done':
            return message.counts === null ? progress?.stop() : progress?.update(message.counts)
          case 'embed':
            void answer(worker, message, around.embed, around.signal)
            return
          case 'trained':
            return resolve(message.model)
          case 'failed':
            return reject(receivedError(message.error))
        }
      })
    })
  } finally {
    around.signal.removeEventListener('abort', abort)
    await worker.terminate()
  }
}

async function answer(
  worker: Worker,
  { call, bytes }: Extract<FromTrainingThread, { readonly kind: 'embed' }>,
  embed: EmbedImage | undefined,
  signal: AbortSignal,
): Promise<void> {
  let message: ToTrainingThread
  try {
    if (embed === undefined) throw new Error('expected no picture to embed, got one')
    message = { kind: 'embedded', call, vector: await embed(bytes, signal) }
  } catch (error) {
    message = { kind: 'not embedded', call, error: sentError(error) }
  }
  worker.postMessage(message)
}
