import { bundleFolder } from '../adapters/models-folder/bundle-folder.ts'
import { BundleWatch } from '../adapters/models-folder/bundle-watch.ts'
import { openOnnxEmbedder } from '../adapters/onnxruntime/onnx-embedder.ts'
import type { Config } from '../config/config.ts'
import type { Embedder } from '../embedding/embedder.ts'
import { ModelRegistry } from '../embedding/model-registry.ts'
import { AppError, shown } from '../errors.ts'

/** Notified of what happens to models while the service runs, for its log. */
export interface ModelEvents {
  modelReplaced(name: string): void
  /** The active one stays. */
  modelNotReplaced(name: string, reason: unknown): void
}

const LOOK_EVERY_MS = 5000

/** Opens the models of the configured folder on first use, and again when their files change. */
export function openModels(config: Config, events: ModelEvents) {
  const registry = new ModelRegistry({
    defaultName: config.model,
    async open(name) {
      await watch.note(name)
      return await openModel(config, name)
    },
    timers: { set: setTimeout, clear: (handle) => clearTimeout(handle as NodeJS.Timeout) },
    idleMs: config.modelIdleSeconds === 0 ? null : config.modelIdleSeconds * 1000,
  })
  const watch = new BundleWatch({
    modelsFolder: config.modelsFolder,
    shippedModels: config.shippedModels,
    everyMs: LOOK_EVERY_MS,
    names: () => registry.names,
    async onChange(name) {
      try {
        await registry.reload(name)
        events.modelReplaced(name)
      } catch (error) {
        events.modelNotReplaced(name, error)
      }
    },
  })
  return {
    registry,
    async close() {
      await watch.close()
      await registry.close()
    },
  }
}

async function openModel(config: Config, name: string): Promise<Embedder> {
  const folder = bundleFolder(config, name)
  const { provider, gpuDevice } = config
  try {
    return await openOnnxEmbedder({ folder, provider, gpuDevice })
  } catch (cause) {
    if (!(cause instanceof AppError && cause.code === 'MODEL_NOT_FOUND')) throw cause
    // The caller may be anyone: the path stays in the log.
    // A models folder that was made for an earlier default lacks the one of today.
    const isDefault = name === config.model
    const cure = isDefault ? ', the default one: add its bundle, or set LOOKALIKE_MODEL' : ''
    throw new AppError('MODEL_NOT_FOUND', `no model ${shown(name)}${cure}`, { cause })
  }
}
