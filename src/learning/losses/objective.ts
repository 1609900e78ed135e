import { AppError, shown } from '../../errors.ts'
import { trainingInvalid } from '../training-invalid.ts'

const MINING = ['all', 'semi-hard', 'batch-hard'] as const
const FORMS = ['structured', 'generalised'] as const

// The vectors of `lifted` and `n-pairs` are multiplied by these before the loss. Their logarithms of
// sums assume vectors as long as a network gives them; a head on unit features gives shorter ones, of
// which the nearest image and the farthest count alike. Chosen on validation classes of groceries.
const LIFTED_SCALE = 60
const GENERALISED_SCALE = 10
const N_PAIRS_SCALE = 5

/**
 * The objectives that training can minimise, with the default of each option: that of the papers'
 * own code where it is public. Formulas stand beside the code of each loss. `proxyRate` and
 * `boundaryRate` multiply the learning rate, as the authors' own rates do.
 */
export const OBJECTIVE_DEFAULTS = {
  /** Chopra et al. 2005, Hadsell et al. 2006; margins in Euclidean distance of unit vectors. */
  contrastive: { kind: 'contrastive' as const, positiveMargin: 0, negativeMargin: 1 },
  /** FaceNet (Schroff et al. 2015); batch-hard and soft margin: Hermans et al. 2017. */
  triplet: {
    kind: 'triplet' as const,
    mining: 'semi-hard' as (typeof MINING)[number],
    /** The margin, in Euclidean distance of unit vectors. */
    margin: 0.2,
    /** log(1 + e^x) in place of the hinge, without a margin; batch-hard only. */
    soft: false,
  },
  /** Margin loss with distance-weighted sampling (Wu et al. 2017). */
  margin: {
    kind: 'margin' as const,
    /** The paper's alpha. */
    margin: 0.2,
    /** The paper's beta before the first step. */
    boundary: 1.2,
    learnBoundary: true,
    /** Adds a learnt boundary for each class. */
    boundaryPerClass: false,
    /** The paper's nu, on the mean boundary of the batch. */
    boundaryWeight: 0,
    boundaryRate: 50,
    /** Smaller distances are sampled as if they were this. */
    nearCutoff: 0.5,
    /** Negatives beyond are not sampled. */
    farCutoff: 1.4,
  },
  /**
   * `structured`: Oh Song et al. 2016, on vectors that are not normalised, with a penalty `l2` on
   * their mean length (Roth et al. 2020); `generalised`: Hermans et al. 2017, on unit vectors.
   */
  lifted: {
    kind: 'lifted' as const,
    form: 'structured' as (typeof FORMS)[number],
    margin: 1,
    normalise: false,
    l2: 0.005,
    scale: LIFTED_SCALE,
  },
  /** Sohn 2016, on vectors that are not normalised, with a penalty `l2` as `lifted`. */
  'n-pairs': { kind: 'n-pairs' as const, l2: 0.005, scale: N_PAIRS_SCALE },
  /** InfoNCE, NT-Xent: one term a positive pair, other positives not in the denominator. */
  'info-nce': { kind: 'info-nce' as const, temperature: 0.07 },
  /** Wang et al. 2019. */
  'multi-similarity': {
    kind: 'multi-similarity' as const,
    alpha: 2,
    beta: 40,
    lambda: 0.5,
    epsilon: 0.1,
  },
  /** CosFace, AM-Softmax (Wang et al. 2018); defaults of JRD for retrieval, faces take 64 and 0.35. */
  'am-softmax': { kind: 'am-softmax' as const, scale: 20, margin: 0.1, proxyRate: 100 },
  /** Deng et al. 2019; margin in radians; defaults of Roth et al. 2020, faces take 64 and 0.5. */
  arcface: { kind: 'arcface' as const, scale: 16, margin: 0.5, proxyRate: 50 },
  /** Kim et al. 2020; the official code warms up for some epochs with the head and proxies alone. */
  'proxy-anchor': { kind: 'proxy-anchor' as const, alpha: 32, delta: 0.1, proxyRate: 100 },
}

type ObjectiveKind = keyof typeof OBJECTIVE_DEFAULTS

/** One objective with all its options. */
export type ObjectiveOf<Kind extends ObjectiveKind> = Readonly<(typeof OBJECTIVE_DEFAULTS)[Kind]>

export type Objective = { [Kind in ObjectiveKind]: ObjectiveOf<Kind> }[ObjectiveKind]

/** An objective whose left-out options take their defaults. */
export type ObjectiveOptions = {
  [Kind in ObjectiveKind]: { readonly kind: Kind } & Partial<Omit<ObjectiveOf<Kind>, 'kind'>>
}[ObjectiveKind]

/** Objectives that compare images with a learnt vector a class, and not with each other. */
export type ProxyObjective = ObjectiveOf<'am-softmax' | 'arcface' | 'proxy-anchor'>

const CHOICES: Readonly<Record<string, readonly unknown[]>> = { mining: MINING, form: FORMS }
const ABOVE_ZERO = new Set(['temperature', 'scale', 'alpha', 'beta', 'boundary', 'nearCutoff'])

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
    throw trainingInvalid(`an objective of ${kinds.join(', ')}`, shown(options.kind))
  }
  const defaults: Readonly<Record<string, unknown>> = {
    ...OBJECTIVE_DEFAULTS[options.kind],
    ...(options.kind === 'lifted' ? liftedDefaults(options) : {}),
  }
  for (const [name, value] of Object.entries(options)) {
    checkMember(options.kind, name, value, defaults[name])
  }
  const objective = { ...defaults, ...options } as Objective
  if (objective.kind === 'triplet' && objective.soft && objective.mining !== 'batch-hard') {
    throw invalid('triplet', 'a soft margin with batch-hard mining', objective.mining)
  }
  if (objective.kind === 'lifted' && objective.normalise && objective.l2 > 0) {
    throw invalid('lifted', 'an l2 of 0 with normalise, where all lengths are 1', objective.l2)
  }
  if (objective.kind === 'margin') {
    const { nearCutoff, farCutoff, learnBoundary, boundaryPerClass } = objective
    // At 2, the far side of the sphere, the density of distances is 0.
    if (farCutoff <= nearCutoff || farCutoff >= 2) {
      throw invalid('margin', `farCutoff between ${nearCutoff} and 2`, farCutoff)
    }
    if (boundaryPerClass && !learnBoundary) {
      throw invalid('margin', 'learnBoundary with boundaryPerClass', false)
    }
  }
  return objective
}

/** Gives the defaults of `lifted` that depend on what is given. */
function liftedDefaults({ form, normalise }: Partial<ObjectiveOf<'lifted'>>) {
  if (form === 'generalised') return { normalise: true, l2: 0, scale: GENERALISED_SCALE }
  return normalise === true ? { l2: 0 } : {}
}

function checkMember(kind: string, name: string, value: unknown, standard: unknown): void {
  if (standard === undefined) {
    throw new AppError('TRAINING_INVALID', `${kind} has no option ${shown(name)}`)
  }
  const choices = CHOICES[name]
  if (choices !== undefined && !choices.includes(value)) {
    throw invalid(kind, `${name} of ${choices.join(', ')}`, shown(value))
  }
  if (typeof value !== typeof standard) {
    throw invalid(kind, `${name} to be a ${typeof standard}`, shown(value))
  }
  if (typeof value !== 'number') return
  const least = ABOVE_ZERO.has(name) ? Number.MIN_VALUE : 0
  if (value >= least && Number.isFinite(value)) return
  const range = least > 0 ? 'above 0' : 'of at least 0'
  throw invalid(kind, `${name} to be a finite number ${range}`, value)
}

function invalid(kind: string, wanted: string, got: unknown): AppError {
  return new AppError('TRAINING_INVALID', `${kind}: expected ${wanted}, got ${got}`)
}
