import type { BundleFiles } from '../../adapters/models-folder/write-bundle.ts'
import { type ModelBundle, parseModelBundle } from '../../embedding/model-bundle.ts'
import { sha256Of } from '../../files/sha256.ts'
import type { FeatureTransform } from '../../learning/feature-transform.ts'
import type { TrainingRecipe } from '../../learning/recipe.ts'
import { addEmbeddingLayers } from '../../onnx/embedding-layers.ts'
import { measuresLine, type TrainingReport, trainingTable } from './training-report.ts'

interface TrainedBundle {
  readonly report: TrainingReport
  readonly transform: FeatureTransform
  /** The recipe with all its members, as the metadata of the ONNX file keep it. */
  readonly options: TrainingRecipe
  readonly backbone: { readonly bundle: ModelBundle; readonly onnx: Uint8Array }
  /** Why the model is what it is, in a line. */
  readonly why: string
}

/** Makes the files of a bundle: the backbone with what was learnt, description, model card. */
export function bundleFiles(trained: TrainedBundle): BundleFiles {
  const { report, transform, backbone } = trained
  const { name: of, sha256: backboneSha256, input, output, licence } = backbone.bundle
  const model = addEmbeddingLayers(backbone.onnx, {
    output,
    layers: transform.kind === 'backbone' ? null : transform.layers,
    share: transform.kind === 'joined' ? transform.share : 1,
    metadata: metadataOf(trained),
  })
  const { model: name, seed, objective } = report
  const description = {
    name,
    version: '1',
    file: 'model.onnx',
    sha256: sha256Of(model.bytes),
    licence,
    source: `trained on ${of} (sha256 ${backboneSha256}): ${objective}, seed ${seed}, exported ${transform.kind}`,
    input,
    output: { name: model.outputName, dimensions: model.dimensions, normalise: 'l2' as const },
  }
  const text = `${JSON.stringify(description, null, 2)}\n`
  parseModelBundle(text, `the description of ${name}`)
  const card = modelCard(trained, model.dimensions)
  return { name, files: { 'model.onnx': model.bytes, 'model.json': text, 'README.md': card } }
}

function metadataOf({ report, options, backbone }: TrainedBundle): Record<string, string> {
  const { input, sha256 } = backbone.bundle
  return {
    'lookalike.objective': report.objective,
    'lookalike.options': JSON.stringify(options),
    'lookalike.seed': String(report.seed),
    'lookalike.split.sha256': sha256Of(JSON.stringify(report.split)),
    'lookalike.test': JSON.stringify(report.test),
    'lookalike.backbone.sha256': sha256,
    'lookalike.preprocessing': JSON.stringify(input),
  }
}

function modelCard({ report, options, backbone, why }: TrainedBundle, dimensions: number): string {
  const { test, split, seed } = report
  const { name, sha256, licence } = backbone.bundle
  const parts = [
    ...split.folds.map((labels, i) => ({ part: `fold ${i + 1}`, labels })),
    { part: 'test', labels: split.test },
  ].map(({ part, labels }) => `* ${part}, ${labels.length} classes: ${labels.join(', ')}`)
  const table = trainingTable(report)
    .trimEnd()
    .replaceAll(/^(?=.)/gm, '    ')
  return `# ${report.model}

An image embedding of ${dimensions} numbers, unit length, trained with \`lookalike train\` on the backbone
\`${name}\` (sha256 ${sha256}, licence ${licence}).

Seed ${seed}, ${report.steps} steps. Options:

    ${JSON.stringify(options)}

${why}.

## Test

Classes that neither training nor choosing has seen, asked once. Means over images; intervals of 95 %, paired bootstrap over classes.

${table}

Exported: ${measuresLine(test.winner)}.

## Classes

${parts.join('\n')}
`
}
