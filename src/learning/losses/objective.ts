import { AppError, shown } from '../../errors.ts'

/**
 * What training minimises. Formulas stand beside the code of each loss; the defaults are those of
 * the papers' own code where it is public (docs of each member).
 */
export type Objective =
  | Contrastive
  | Triplet
  | Margin
  | Lifted
  | NPairs
  | InfoNce
  | MultiSimilarity
  | AmSoftmax
  | ArcFace
  | ProxyAnchor

/** Chopra et al. 2005, Hadsell et al. 2006; margins in Euclidean distance of unit vectors. */
export interface Contrastive {
  readonly kind: 'contrastive'
  readonly positiveMargin: number
  readonly negativeMargin: number
}

/** FaceNet (Schroff et al. 2015); batch-hard and soft margin: Hermans et al. 2017. */
export interface Triplet {
  readonly kind: 'triplet'
  readonly mining: 'all' | 'semi-hard' | 'batch-hard'
  /** In Euclidean distance of unit vectors. */
  readonly margin: number
  /** log(1 + e^x) in place of the hinge, without a margin; batch-hard only. */
  readonly soft: boolean
}

/** Margin loss with distance-weighted sampling (Wu et al. 2017). */
export interface Margin {
  readonly kind: 'margin'
  /** The paper's alpha. */
  readonly margin: number
  /** The paper's beta before the first step. */
  readonly boundary: number
  readonly learnBoundary: boolean
  /** Adds a learnt boundary for each class. */
  readonly boundaryPerClass: boolean
  /** The paper's nu, on the mean boundary of the batch. */
  readonly boundaryWeight: number
  readonly boundaryRate: number
  /** Smaller distances are sampled as if they were this. */
  readonly nearCutoff: number
  /** Negatives beyond are not sampled. */
  readonly farCutoff: number
}

/**
 * `structured`: Oh Song et al. 2016, on vectors that are not normalised, with a penalty `l2` on
 * their mean squared length; `generalised`: Hermans et al. 2017, on unit vectors.
 */
export interface Lifted {
  readonly kind: 'lifted'
  readonly form: 'structured' | 'generalised'
  readonly margin: number
  readonly normalise: boolean
  readonly l2: number
}

/** Sohn 2016, on vectors that are not normalised, with a penalty `l2` on their mean squared length. */
export interface NPairs {
  readonly kind: 'n-pairs'
  readonly l2: number
}

/** InfoNCE, NT-Xent: one term a positive pair, other positives not in the denominator. */
export interface InfoNce {
  readonly kind: 'info-nce'
  readonly temperature: number
}

/** Wang et al. 2019; defaults of the official code. */
export interface MultiSimilarity {
  readonly kind: 'multi-similarity'
  readonly alpha: number
  readonly beta: number
  readonly lambda: number
  readonly epsilon: number
}

/** CosFace, AM-Softmax (Wang et al. 2018); defaults of JRD for retrieval, faces take 64 and 0.35. */
export interface AmSoftmax {
  readonly kind: 'am-softmax'
  readonly scale: number
  readonly margin: number
  readonly proxyRate: number
}

/** Deng et al. 2019; margin in radians; defaults of Roth et al. 2020, faces take 64 and 0.5. */
export interface ArcFace {
  readonly kind: 'arcface'
  readonly scale: number
  readonly margin: number
  readonly proxyRate: number
}

/** Kim et al. 2020; the official code warms up for some epochs with the head and proxies alone. */
export interface ProxyAnchor {
  readonly kind: 'proxy-anchor'
  readonly alpha: number
  readonly delta: number
  readonly proxyRate: number
}

type ObjectiveKind = Objective['kind']

type OptionsOf<O> = O extends Objective
  ? { readonly kind: O['kind'] } & Partial<Omit<O, 'kind'>>
  : never

/** An objective whose left-out members take their defaults. */
export type ObjectiveOptions = OptionsOf<Objective>

type DefaultsOf = { readonly [K in ObjectiveKind]: Extract<Objective, { kind: K }> }

/** `proxyRate` and `boundaryRate` multiply the learning rate, as the authors' own rates do. */
export const OBJECTIVE_DEFAULTS: DefaultsOf = {
  contrastive: { kind: 'contrastive', positiveMargin: 0, negativeMargin: 1 },
  triplet: { kind: 'triplet', mining: 'semi-hard', margin: 0.2, soft: false },
  margin: {
    kind: 'margin',
    ...{ margin: 0.2, boundary: 1.2, learnBoundary: true, boundaryPerClass: false },
    ...{ boundaryWeight: 0, boundaryRate: 50, nearCutoff: 0.5, farCutoff: 1.4 },
  },
  lifted: { kind: 'lifted', form: 'structured', margin: 1, normalise: false, l2: 0.005 },
  'n-pairs': { kind: 'n-pairs', l2: 0.005 },
  'info-nce': { kind: 'info-nce', temperature: 0.07 },
  'multi-similarity': { kind: 'multi-similarity', alpha: 2, beta: 40, lambda: 0.5, epsilon: 0.1 },
  'am-softmax': { kind: 'am-softmax', scale: 20, margin: 0.1, proxyRate: 100 },
  arcface: { kind: 'arcface', scale: 16, margin: 0.5, proxyRate: 50 },
  'proxy-anchor': { kind: 'proxy-anchor', alpha: 32, delta: 0.1, proxyRate: 100 },
}

const CHOICES: Readonly<Record<string, readonly unknown[]>> = {
  mining: ['all', 'semi-hard', 'batch-hard'],
  form: ['structured', 'generalised'],
}
const ABOVE_ZERO = new Set(['temperature', 'scale', 'alpha', 'beta', 'boundary', 'nearCutoff'])

export type ProxyObjective = AmSoftmax | ArcFace | ProxyAnchor

/** Objectives that compare images with a learnt vector a class, and not with each other. */
export function usesProxies(objective: Objective): objective is ProxyObjective {
  return 'proxyRate' in objective
}

/**
 * Fills in the defaults.
 * @throws TRAINING_INVALID for an unknown objective or member, and for values out of range.
 */
export function resolveObjective(options: ObjectiveOptions): Objective {
  const kinds = Object.keys(OBJECTIVE_DEFAULTS)
  if (!kinds.includes(options.kind)) {
    throw invalid(`expected an objective of ${kinds.join(', ')}, got ${shown(options.kind)}`)
  }
  const generalised = options.kind === 'lifted' && options.form === 'generalised'
  const defaults: Readonly<Record<string, unknown>> = {
    ...OBJECTIVE_DEFAULTS[options.kind],
    ...(generalised ? { normalise: true, l2: 0 } : {}),
  }
  for (const [name, value] of Object.entries(options)) {
    checkMember(options.kind, name, value, defaults[name])
  }
  const objective = { ...defaults, ...options } as Objective
  if (objective.kind === 'triplet' && objective.soft && objective.mining !== 'batch-hard') {
    throw invalid(`triplet: expected a soft margin with batch-hard mining, got ${objective.mining}`)
  }
  if (objective.kind === 'margin') {
    const { nearCutoff, farCutoff, learnBoundary, boundaryPerClass } = objective
    // At 2, the far side of the sphere, the density of distances is 0.
    if (farCutoff <= nearCutoff || farCutoff >= 2) {
      throw invalid(`margin: expected farCutoff between ${nearCutoff} and 2, got ${farCutoff}`)
    }
    if (boundaryPerClass && !learnBoundary) {
      throw invalid('margin: expected learnBoundary with boundaryPerClass, got false')
    }
  }
  return objective
}

function checkMember(kind: string, name: string, value: unknown, standard: unknown): void {
  if (standard === undefined) throw invalid(`${kind} has no option ${shown(name)}`)
  const choices = CHOICES[name]
  if (choices !== undefined && !choices.includes(value)) {
    throw invalid(`${kind}: expected ${name} of ${choices.join(', ')}, got ${shown(value)}`)
  }
  if (typeof value !== typeof standard) {
    throw invalid(`${kind}: expected ${name} to be a ${typeof standard}, got ${shown(value)}`)
  }
  if (typeof value !== 'number') return
  const least = ABOVE_ZERO.has(name) ? Number.MIN_VALUE : 0
  if (!(value >= least && Number.isFinite(value))) {
    const range = least > 0 ? 'above 0' : 'of at least 0'
    throw invalid(`${kind}: expected ${name} to be a finite number ${range}, got ${value}`)
  }
}

function invalid(message: string): AppError {
  return new AppError('TRAINING_INVALID', message)
}
