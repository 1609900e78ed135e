import { AppError, type InputIssue, shown } from '../errors.ts'
import { IMAGE_PROCESSORS, type ImageProcessor, type ProcessorSize } from './image-processors.ts'
import type { ModelBundle } from './model-bundle.ts'

/** The part of a bundle's input that tells how pixels are made. */
export type Preprocessing = Omit<ModelBundle['input'], 'name' | 'layout'>

type Members = Readonly<Record<string, unknown>>

/** Members of every class that are read, or that change nothing of one picture. */
const READ = [
  ...['image_processor_type', 'feature_extractor_type', 'do_resize', 'size', 'resample'],
  ...['do_rescale', 'rescale_factor', 'do_normalize', 'image_mean', 'image_std'],
]
const WITHOUT_EFFECT = [
  ...['processor_class', '_valid_processor_keys', 'do_convert_rgb', 'data_format'],
  ...['input_data_format', 'return_tensors', 'device', 'default_to_square', 'disable_grouping'],
]
/** Pillow's numbers. Box (4) and Hamming (5) have no counterpart here. */
const KERNELS: Readonly<Record<number, Preprocessing['kernel']>> = {
  0: 'nearest',
  1: 'lanczos3',
  2: 'linear',
  3: 'cubic',
}
const CONVNEXT_WARPS_FROM = 384
const CONVNEXT_CROP_PCT = 224 / 256
const MOST_BYTES = 255

/**
 * Preprocessing out of a `preprocessor_config.json`, as the processors of transformers do it. A
 * member that is null counts as left out.
 * @param at names the file in messages.
 * @throws PREPROCESSING_UNSUPPORTED with every member that is unknown or cannot be followed.
 */
export function readPreprocessorConfig(text: string, at: string): Preprocessing {
  const config = new Config(text, at)
  const { processor } = config
  const type = config.type
  config.refuseOthers([
    ...[...READ, ...WITHOUT_EFFECT, ...processor.own],
    ...(processor.crop === null ? [] : ['do_center_crop', 'crop_size']),
  ])
  if (!config.flag('do_resize', true)) config.refuse('do_resize', 'must be true, got false')
  const size = config.size('size', processor.size, processor.bareSize)
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

function cropOf(config: Config, { crop: rule }: ImageProcessor): Exact | null {
  if (rule === null || !config.flag('do_center_crop', rule.byDefault)) return null
  const { side } = rule
  const crop = config.size('crop_size', { kind: 'exact', width: side, height: side }, 'exact')
  if (crop.kind === 'exact') return crop
  config.refuse('crop_size', 'must have height and width, got shortest_edge')
  return null
}

function geometryOf(config: Config, size: ProcessorSize, crop: Exact | null): Geometry {
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

/** ConvNextImageProcessor.resize: small inputs are cut out of the middle, large ones warped. */
function convNextGeometry(config: Config, size: ProcessorSize): Geometry {
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

/** (x · factor - offset - mean) / std, told of x from 0 to 255. */
function normalisation(config: Config, processor: ImageProcessor, type: string) {
  const factor = config.flag('do_rescale', true)
    ? config.number('rescale_factor', 1 / MOST_BYTES)
    : 1
  if (!(factor > 0)) config.refuse('rescale_factor', `must be above 0, got ${factor}`)
  const normalises = config.flag('do_normalize', true)
  const given = {
    mean: config.channels('image_mean', processor.mean),
    std: config.channels('image_std', processor.std),
  }
  const mean = normalises ? given.mean : [0, 0, 0]
  const std = normalises ? given.std : [1, 1, 1]
  if (std.some((value) => !(value > 0))) {
    config.refuse('image_std', `must be above 0, got ${std.join(', ')}`)
  }
  const efficientNet = type === 'EfficientNet'
  const offset = efficientNet && config.flag('rescale_offset', false) ? 1 : 0
  // EfficientNetImageProcessor normalises once more with mean 0, whether it normalised or not.
  const again = efficientNet && config.flag('include_top', true) ? given.std : [1, 1, 1]
  return {
    mean: mean.map((value) => (value + offset) / factor),
    std: std.map((value, i) => (value * again[i]!) / factor),
  }
}

/** The members of one file, and what is wrong with them. */
class Config {
  readonly type: string
  readonly processor: ImageProcessor
  readonly #members: Members
  readonly #at: string
  readonly #issues: InputIssue[] = []

  constructor(text: string, at: string) {
    this.#at = at
    this.#members = membersOf(text, at)
    const named = this.#members.image_processor_type ?? this.#members.feature_extractor_type
    this.type = String(named).replace(/(ImageProcessor(Fast)?|FeatureExtractor)$/, '')
    const known = Object.keys(IMAGE_PROCESSORS)
    if (!Object.hasOwn(IMAGE_PROCESSORS, this.type)) {
      const got = named === undefined ? 'none' : shown(named)
      this.refuse(
        'image_processor_type',
        `must be the image processor of ${known.join(', ')}, got ${got}`,
      )
      this.finish()
    }
    this.processor = IMAGE_PROCESSORS[this.type]!
  }

  refuse(name: string, message: string): void {
    this.#issues.push({ path: `/${name}`, message })
  }

  refuseOthers(known: readonly string[]): void {
    for (const [name, value] of Object.entries(this.#members)) {
      if (!known.includes(name) && value !== null && !(value === false && name.startsWith('do_'))) {
        this.refuse(name.slice(0, 100), 'is not known of this processor')
      }
    }
  }

  flag(name: string, fallback: boolean): boolean {
    const value = this.#members[name] ?? fallback
    if (typeof value !== 'boolean') this.refuse(name, `must be true or false, got ${shown(value)}`)
    return value === true
  }

  number(name: string, fallback: number): number {
    const value = this.#members[name] ?? fallback
    if (typeof value === 'number') return value
    this.refuse(name, `must be a number, got ${shown(value)}`)
    return fallback
  }

  /** One number stands for all three. */
  channels(name: string, fallback: readonly number[]): readonly number[] {
    const value = this.#members[name] ?? fallback
    const list = typeof value === 'number' ? [value, value, value] : value
    if (Array.isArray(list) && list.length === 3 && list.every(Number.isFinite)) return list
    this.refuse(name, `must be 3 numbers, got ${shown(JSON.stringify(value))}`)
    return fallback
  }

  size(name: string, fallback: ProcessorSize, bare: ProcessorSize['kind']): ProcessorSize {
    const value = this.#members[name] ?? null
    if (value === null) return fallback
    if (isSide(value)) {
      return bare === 'exact'
        ? { kind: 'exact', width: value, height: value }
        : { kind: 'shortest-edge', edge: value }
    }
    const { shortest_edge: edge, height, width, ...others } = Object(value) as Members
    if (Object.keys(others).length === 0) {
      if (isSide(edge) && height === undefined && width === undefined) {
        return { kind: 'shortest-edge', edge }
      }
      if (edge === undefined && isSide(height) && isSide(width)) {
        return { kind: 'exact', width, height }
      }
    }
    this.refuse(
      name,
      `must be shortest_edge, or height and width, from 1 to ${MOST_SIDE}, got ${shown(JSON.stringify(value))}`,
    )
    return fallback
  }

  finish(): void {
    if (this.#issues.length === 0) return
    const list = this.#issues.map(({ path, message }) => `${path} ${message}`).join('; ')
    throw new AppError('PREPROCESSING_UNSUPPORTED', `${this.#at}: ${list}`, {
      issues: this.#issues,
    })
  }
}

const MOST_SIDE = 4096

function isSide(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 1 && Number(value) <= MOST_SIDE
}

function membersOf(text: string, at: string): Members {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    const message = `expected ${at} to be JSON: ${String(cause)}`
    throw new AppError('PREPROCESSING_UNSUPPORTED', message, { cause })
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Members
  throw new AppError('PREPROCESSING_UNSUPPORTED', `expected ${at} to be an object`)
}
