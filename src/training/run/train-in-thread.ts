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

interface ThreadOptions {
  /** Lets searches of the same process go first. */
  readonly givesWay: boolean
  /** For tests. */
  readonly script?: URL
}

/**
 * trainModel in a thread of its own. When the signal aborts the thread writes its checkpoint and ends.
 * @throws as trainModel; THREAD_FAILED when the thread dies.
 */
export async function trainInThread(
  request: TrainRequest,
  config: TrainingConfig,
  around: TrainingContext,
  { givesWay, script = new URL('./training-thread.js', import.meta.url) }: ThreadOptions,
): Promise<TrainedModel> {
  const { dataFolder, modelsFolder, model, provider, maxPixels, maxBodyBytes } = config
  const thread = new ThreadClient<TrainingCalls, TrainingNotices>({
    script,
    name: 'training',
    start: 'once',
    calls: embedCalls(around),
    notices: progressNotices(around),
    errors: { failed: (_kind, error) => error },
  })
  const abort = () => thread.notify('abort', undefined)
  around.signal.addEventListener('abort', abort, { once: true })
  if (around.signal.aborted) abort()
  try {
    return await thread.call('train', {
      request,
      config: { dataFolder, modelsFolder, model, provider, maxPixels, maxBodyBytes },
      embedsOutside: around.embed !== undefined,
      givesWay,
    })
  } finally {
    around.signal.removeEventListener('abort', abort)
    await thread.close()
  }
}

function embedCalls({ embed, signal }: TrainingContext): EmbedCalls {
  return {
    async embed(bytes) {
      if (embed === undefined) throw new Error('expected no image to embed, got one')
      return await embed(bytes, signal)
    },
  }
}

function progressNotices(around: TrainingContext): ProgressNotices {
  let progress: EmbeddingProgress | null = null
  return {
    note: (line) => around.onNote(line),
    heads: (done) => around.onProgress(done),
    checkpoint: () => around.onCheckpoint?.(),
    images(total) {
      progress = around.startProgress(total)
    },
    imagesDone: (counts) => (counts === null ? progress?.stop() : progress?.update(counts)),
  }
}
