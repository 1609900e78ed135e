/** A size of transformers: of the shorter side, or of both. */
export type ProcessorSize =
  | { readonly kind: 'shortest-edge'; readonly edge: number }
  | { readonly kind: 'exact'; readonly width: number; readonly height: number }

/** The defaults of a processor class of transformers, for what its file leaves out. */
export interface ImageProcessor {
  readonly size: ProcessorSize
  /** The kind of size that `"size": 224` means. */
  readonly bareSize: ProcessorSize['kind']
  /** The kernel, by its number in Pillow. */
  readonly resample: number
  /** The side that is cut out, and whether it is when the file is silent; null: nothing ever is. */
  readonly crop: { readonly side: number; readonly byDefault: boolean } | null
  readonly mean: readonly number[]
  readonly std: readonly number[]
  /** The members beyond those that all classes have. */
  readonly own: readonly string[]
}

const HALF = [0.5, 0.5, 0.5]
const NEAREST = 0
const BILINEAR = 2
const BICUBIC = 3

const exact = (side: number) => ({ kind: 'exact', width: side, height: side }) as const
const shortestEdge = (edge: number) => ({ kind: 'shortest-edge', edge }) as const

const CLIP: ImageProcessor = {
  size: shortestEdge(224),
  bareSize: 'shortest-edge',
  resample: BICUBIC,
  crop: { side: 224, byDefault: true },
  mean: [0.48145466, 0.4578275, 0.40821073],
  std: [0.26862954, 0.26130258, 0.27577711],
  own: [],
}
const VIT: ImageProcessor = {
  size: exact(224),
  bareSize: 'exact',
  resample: BILINEAR,
  crop: null,
  mean: HALF,
  std: HALF,
  own: [],
}
const MOBILE_NET: ImageProcessor = {
  ...CLIP,
  size: shortestEdge(256),
  resample: BILINEAR,
  mean: HALF,
  std: HALF,
}

/** The processors by class name without `ImageProcessor`, with the defaults of transformers 4.57. */
export const IMAGE_PROCESSORS: Readonly<Record<string, ImageProcessor>> = {
  ViT: VIT,
  CLIP,
  Siglip: { ...VIT, resample: BICUBIC },
  // For BiT and DINOv2.
  Bit: CLIP,
  ConvNext: { ...VIT, size: shortestEdge(384), bareSize: 'shortest-edge', own: ['crop_pct'] },
  MobileNetV1: MOBILE_NET,
  MobileNetV2: { ...MOBILE_NET, own: ['do_reduce_labels'] },
  EfficientNet: {
    ...VIT,
    size: exact(346),
    resample: NEAREST,
    crop: { side: 289, byDefault: false },
    own: ['rescale_offset', 'include_top'],
  },
}
