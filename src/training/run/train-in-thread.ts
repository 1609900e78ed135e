import { ThreadClient } from '../../threads/thread-client.ts'
import type { TrainingConfig, TrainingContext } from '../context.ts'
import type { EmbeddingProgress } from '../data/embed-files.ts'
import type { TrainedModel, TrainRequest } from './train-model.ts'
import type {
  EmbedCalls,
  ProgressNotices,
  TrainingCalls,
  TrainingNotices,
} from './training-thread.ts'

/**
 * Runs trainModel in a thread of its own. When the signal aborts the thread writes its checkpoint
 * and ends.
 * @param options `givesWay`: searches of the same process go first. `script` is for tests.
 * @throws as trainModel; THREAD_FAILED when the thread dies.
 */
export async function trainInThread(
  request: TrainRequest,
  config: TrainingConfig,
  { embed, signal, ...around }: TrainingContext,
  options: { readonly givesWay: boolean; readonly script?: URL },
): Promise<TrainedModel> {
  const { dataFolder, modelsFolder, shippedModels, model, provider, maxPixels, maxBodyBytes } =
    config
  const { givesWay, script = new URL('./training-thread.js', import.meta.url) } = options
  let progress: EmbeddingProgress | null = null
  const calls: EmbedCalls = {
    async embed({ bytes, view }) {
      if (embed === undefined) throw new Error('expected no image to embed, got one')
      return await embed(bytes, view, signal)
    },
  }
  const notices: ProgressNotices = {
    note: around.onNote,
    heads: around.onProgress,
    checkpoint: () => around.onCheckpoint?.(),
    images(total) {
      progress = around.startProgress(total)
    },
    imagesDone: (counts) => (counts === null ? progress?.stop() : progress?.update(counts)),
  }
  const thread = new ThreadClient<TrainingCalls, TrainingNotices>({
    script,
    name: 'training',
    start: 'once',
    calls,
    notices,
    errors: { failed: (_kind, error) => error },
  })
  const abort = () => thread.notify('abort', undefined)
  signal.addEventListener('abort', abort, { once: true })
  if (signal.aborted) abort()
  try {
    return await thread.call('train', {
      request,
      config: { dataFolder, modelsFolder, shippedModels, model, provider, maxPixels, maxBodyBytes },
      embedsOutside: embed !== undefined,
      givesWay,
    })
  } finally {
    signal.removeEventListener('abort', abort)
    await thread.close()
  }
}
