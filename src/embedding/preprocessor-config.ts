import { shown } from '../errors.ts'
import { IMAGE_PROCESSORS, type ImageProcessor, type ProcessorSize } from './image-processors.ts'
import { JsonMembers } from './json-members.ts'
import type { ModelBundle } from './model-bundle.ts'

/** The part of a bundle's input by which pixels are made. */
export type Preprocessing = Omit<ModelBundle['input'], 'name' | 'layout'>

/** The members of every class that are read, or that change nothing of one image. */
const KNOWN = (
  'image_processor_type feature_extractor_type do_resize size resample do_rescale rescale_factor do_normalize ' +
  'image_mean image_std processor_class _valid_processor_keys do_convert_rgb data_format input_data_format ' +
  'return_tensors device default_to_square disable_grouping'
).split(' ')
/** The kernels by their numbers in Pillow. Box (4) and Hamming (5) have no counterpart here. */
const KERNELS: Readonly<Record<number, Preprocessing['kernel']>> = {
  0: 'nearest',
  1: 'lanczos3',
  2: 'linear',
  3: 'cubic',
}
const CONVNEXT_WARPS_FROM = 384
const CONVNEXT_CROP_PCT = 224 / 256
const WHITE = 255
const MAX_SIDE = 4096

/**
 * Reads how pixels are made from a `preprocessor_config.json`, as the processors of transformers do it. A
 * member that is null counts as left out.
 * @param at names the file in messages.
 * @throws PREPROCESSING_UNSUPPORTED with every member that is unknown or cannot be followed.
 */
export function readPreprocessorConfig(text: string, at: string): Preprocessing {
  const config = new JsonMembers(text, at)
  const { type, processor } = processorOf(config)
  const ofCrop = processor.crop === null ? [] : ['do_center_crop', 'crop_size']
  config.refuseOthers([...KNOWN, ...processor.own, ...ofCrop])
  if (!config.flag('do_resize', true)) config.refuse('do_resize', 'must be true, got false')
  const size = sizeOf(config, 'size', processor.size, processor.bareSize)
  const geometry =
    type === 'ConvNext'
      ? convNextGeometry(config, size)
      : geometryOf(config, size, cropOf(config, processor))
  const resample = config.number('resample', processor.resample)
  const kernel = KERNELS[resample]
  if (kernel === undefined) {
    config.refuse('resample', `must be one of ${Object.keys(KERNELS).join(', ')}, got ${resample}`)
  }
  const numbers = normalisation(config, processor, type)
  config.finish()
  return { ...geometry, colour: 'rgb', kernel: kernel!, ...numbers }
}

type Geometry = Pick<Preprocessing, 'width' | 'height' | 'resize' | 'cropFraction'>
type Exact = ProcessorSize & { kind: 'exact' }

function processorOf(config: JsonMembers): { type: string; processor: ImageProcessor } {
  const named = config.value('image_processor_type') ?? config.value('feature_extractor_type')
  const type = String(named).replace(/(ImageProcessor(Fast)?|FeatureExtractor)$/, '')
  if (!Object.hasOwn(IMAGE_PROCESSORS, type)) {
    const known = Object.keys(IMAGE_PROCESSORS).join(', ')
    const got = named === null ? 'none' : shown(named)
    config.refuse('image_processor_type', `must be the image processor of ${known}, got ${got}`)
    config.finish()
  }
  return { type, processor: IMAGE_PROCESSORS[type]! }
}

function cropOf(config: JsonMembers, { crop: rule }: ImageProcessor): Exact | null {
  if (rule === null || !config.flag('do_center_crop', rule.byDefault)) return null
  const { side } = rule
  const crop = sizeOf(config, 'crop_size', { kind: 'exact', width: side, height: side }, 'exact')
  if (crop.kind === 'exact') return crop
  config.refuse('crop_size', 'must have height and width, got shortest_edge')
  return null
}

function geometryOf(config: JsonMembers, size: ProcessorSize, crop: Exact | null): Geometry {
  if (size.kind === 'exact') {
    const { width, height } = crop ?? size
    const cropFraction = width / size.width
    if (cropFraction > 1 || Math.round(height / cropFraction) !== size.height) {
      const wanted = `must have the shape of size and fit into ${size.width} x ${size.height}`
      config.refuse('crop_size', `${wanted}, got ${width} x ${height}`)
    }
    return { width, height, resize: 'stretch', cropFraction }
  }
  const { edge } = size
  if (crop === null) {
    config.refuse('size', 'must have height and width where nothing is cut, got shortest_edge')
    return { width: edge, height: edge, resize: 'shortest-edge', cropFraction: 1 }
  }
  const { width, height } = crop
  if (width !== height || width > edge) {
    const wanted = `must be a square of at most ${edge}, as nothing is padded here`
    config.refuse('crop_size', `${wanted}, got ${width} x ${height}`)
  }
  return { width, height, resize: 'shortest-edge', cropFraction: width / edge }
}

/** Does as ConvNextImageProcessor.resize: small inputs are cut out of the middle, large ones warped. */
function convNextGeometry(config: JsonMembers, size: ProcessorSize): Geometry {
  const share = config.number('crop_pct', CONVNEXT_CROP_PCT)
  if (size.kind === 'exact') {
    config.refuse('size', 'must have shortest_edge, got height and width')
    return { ...size, resize: 'stretch', cropFraction: 1 }
  }
  const { edge } = size
  if (edge >= CONVNEXT_WARPS_FROM) {
    return { width: edge, height: edge, resize: 'stretch', cropFraction: 1 }
  }
  if (!(share > 0 && share <= 1)) {
    config.refuse('crop_pct', `must be above 0 and at most 1, got ${share}`)
  }
  const cropFraction = edge / Math.trunc(edge / share)
  return { width: edge, height: edge, resize: 'shortest-edge', cropFraction }
}

/** Turns (x · factor - offset - mean) / std into a mean and std for x from 0 to 255. */
function normalisation(config: JsonMembers, processor: ImageProcessor, type: string) {
  const factor = config.flag('do_rescale', true) ? config.number('rescale_factor', 1 / WHITE) : 1
  if (!(factor > 0)) config.refuse('rescale_factor', `must be above 0, got ${factor}`)
  const normalises = config.flag('do_normalize', true)
  const givenMean = config.channels('image_mean', processor.mean)
  const givenStd = config.channels('image_std', processor.std)
  const mean = normalises ? givenMean : [0, 0, 0]
  const std = normalises ? givenStd : [1, 1, 1]
  if (std.some((value) => !(value > 0))) {
    config.refuse('image_std', `must be above 0, got ${std.join(', ')}`)
  }
  const efficientNet = type === 'EfficientNet'
  const offset = efficientNet && config.flag('rescale_offset', false) ? 1 : 0
  // EfficientNetImageProcessor normalises once more with mean 0, whether it normalised or not.
  const again = efficientNet && config.flag('include_top', true) ? givenStd : [1, 1, 1]
  return {
    mean: mean.map((value) => (value + offset) / factor),
    std: std.map((value, i) => (value * again[i]!) / factor),
  }
}

/** @param bare the kind of size that a single number means. */
function sizeOf(
  config: JsonMembers,
  name: string,
  fallback: ProcessorSize,
  bare: ProcessorSize['kind'],
): ProcessorSize {
  const value = config.value(name)
  if (value === null) return fallback
  if (isSide(value)) {
    return bare === 'exact'
      ? { kind: 'exact', width: value, height: value }
      : { kind: 'shortest-edge', edge: value }
  }
  const { shortest_edge: edge, height, width, ...others } = Object(value)
  if (Object.keys(others).length === 0) {
    if (isSide(edge) && height === undefined && width === undefined) {
      return { kind: 'shortest-edge', edge }
    }
    if (edge === undefined && isSide(height) && isSide(width)) {
      return { kind: 'exact', width, height }
    }
  }
  const wanted = `must be shortest_edge, or height and width, from 1 to ${MAX_SIDE}`
  config.refuse(name, `${wanted}, got ${shown(JSON.stringify(value))}`)
  return fallback
}

function isSide(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 1 && Number(value) <= MAX_SIDE
}
