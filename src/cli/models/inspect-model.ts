import { type BundlePlaces, bundleFolder } from '../../adapters/models-folder/bundle-folder.ts'
import { readBundle } from '../../adapters/models-folder/read-bundle.ts'
import { chooseOutput } from '../../embedding/choose-tensors.ts'
import { AppError } from '../../errors.ts'
import { sha256Of } from '../../files/sha256.ts'
import { graphFacts } from '../../onnx/graph-facts.ts'
import { readModelFiles } from './model-files.ts'

export type Inspection = Awaited<ReturnType<typeof inspectModel>>

/** Tells what is in a model of the folder, or in an ONNX file: a path that ends in `.onnx`. @throws as readBundle and readModelFiles. */
export async function inspectModel(model: string, places: BundlePlaces) {
  if (!model.endsWith('.onnx')) {
    const { bundle, onnx } = await readBundle(bundleFolder(places, model))
    const { name: _input, layout: _layout, ...preprocessing } = bundle.input
    return {
      model: bundle.name,
      bytes: onnx.length,
      sha256: bundle.sha256,
      ...graphFacts(onnx),
      output: { value: bundle.output, fault: null },
      preprocessing: { value: preprocessing, fault: null },
    }
  }
  const files = await readModelFiles(model)
  const facts = graphFacts(files.onnx)
  return {
    model,
    bytes: files.onnx.length,
    sha256: sha256Of(files.onnx),
    ...facts,
    output: found(() => chooseOutput(facts, {}, files.config())),
    preprocessing: found(() => {
      const preprocessing = files.preprocessing()
      if (preprocessing !== null) return preprocessing
      throw new AppError('MODEL_INVALID', 'no preprocessor_config.json beside it')
    }),
  }
}

/** Gives a value, or why there is none. */
function found<T>(find: () => T) {
  try {
    return { value: find(), fault: null }
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return { value: null, fault: error.message }
  }
}
