import type { Objective, ObjectiveOf, ProxyObjective } from '../../src/learning/losses/objective.ts'

/**
 * The objectives as their papers write them, in float64 and plain loops, one term after the other.
 * Nothing here knows a mask, a log-sum-exp or a graph.
 */

export interface ReferenceBatch {
  /** Rows as the head gives them. */
  readonly vectors: readonly (readonly number[])[]
  readonly labels: readonly number[]
  /** The image of each row: rows of one image are copies. All differ when left out. */
  readonly images?: readonly number[]
  readonly easy: boolean
  /** The rows that proxy objectives learn, as they are. */
  readonly proxies?: readonly (readonly number[])[]
  /** These three are for the margin objective; `boundaries` has one for each anchor. */
  readonly noise?: (draw: number, anchor: number, candidate: number) => number
  readonly draws?: number
  readonly boundaries?: readonly number[]
  /** The dimensions of the sphere. */
  readonly dimensions: number
}

/** A row-major matrix as rows. */
export function rowsOf(values: ArrayLike<number>, width: number): number[][] {
  const all = Array.from(values)
  return Array.from({ length: all.length / width }, (_, i) => all.slice(i * width, (i + 1) * width))
}

export type Row = readonly number[]

export const dot = (a: Row, b: Row) => a.reduce((total, x, i) => total + x * b[i]!, 0)

export function unit(row: Row): number[] {
  const length = Math.sqrt(Math.max(dot(row, row), 1e-6))
  return row.map((x) => x / length)
}

function distance(a: Row, b: Row): number {
  const squared = a.reduce((total, x, i) => total + (x - b[i]!) ** 2, 0)
  return Math.sqrt(Math.max(squared, 1e-6))
}

export const sum = (terms: Row) => terms.reduce((total, term) => total + term, 0)
export const mean = (terms: Row) => (terms.length === 0 ? 0 : sum(terms) / terms.length)
const hinge = (x: number) => Math.max(0, x)

/** Where the vectors are, and who is a positive or negative of whom. */
class Scene {
  readonly x: readonly Row[]
  readonly batch: ReferenceBatch
  readonly scale: number

  constructor(batch: ReferenceBatch, { raw = false, scale = 1 } = {}) {
    this.batch = batch
    this.scale = scale
    this.x = raw ? batch.vectors : batch.vectors.map(unit)
  }

  get all(): number[] {
    return [...this.x.keys()]
  }

  D(i: number, j: number): number {
    return this.scale * distance(this.x[i]!, this.x[j]!)
  }

  S(i: number, j: number): number {
    return this.scale ** 2 * dot(this.x[i]!, this.x[j]!)
  }

  classmates(i: number): number[] {
    const { labels } = this.batch
    return this.all.filter((j) => j !== i && labels[j] === labels[i])
  }

  isCopy(i: number, j: number): boolean {
    const { images } = this.batch
    return images !== undefined && images[i] === images[j]
  }

  P(i: number): number[] {
    const mates = this.classmates(i).filter((j) => !this.isCopy(i, j))
    if (!this.batch.easy || mates.length === 0) return mates
    return [mates.reduce((best, j) => (this.D(i, j) < this.D(i, best) ? j : best))]
  }

  N(i: number): number[] {
    const { labels } = this.batch
    return this.all.filter((j) => labels[j] !== labels[i])
  }

  /** [anchor, positive] ordered. */
  get positivePairs(): [number, number][] {
    return this.all.flatMap((i) => this.P(i).map((j): [number, number] => [i, j]))
  }

  get negativePairs(): [number, number][] {
    return this.all.flatMap((i) => this.N(i).map((j): [number, number] => [i, j]))
  }

  penalty(l2: number): number {
    return l2 * mean(this.x.map((row) => this.scale * Math.sqrt(dot(row, row))))
  }
}

export function referenceLoss(objective: Objective, batch: ReferenceBatch): number {
  switch (objective.kind) {
    case 'contrastive': {
      const { positivePairs, negativePairs, ...rest } = pairsIn(batch)
      const pulls = positivePairs.map(([a, p]) => hinge(rest.D(a, p) - objective.positiveMargin))
      const pushes = negativePairs.map(([a, n]) => hinge(objective.negativeMargin - rest.D(a, n)))
      return mean(pulls.filter((x) => x > 0)) + mean(pushes.filter((x) => x > 0))
    }
    case 'triplet':
      return triplet(objective, new Scene(batch))
    case 'margin':
      return margin(objective, new Scene(batch))
    case 'lifted':
      return lifted(
        objective,
        new Scene(batch, { raw: !objective.normalise, scale: objective.scale }),
      )
    case 'n-pairs':
      return nPairs(objective.l2, new Scene(batch, { raw: true, scale: objective.scale }))
    case 'info-nce': {
      const scene = new Scene(batch)
      const e = (i: number, j: number) => Math.exp(scene.S(i, j) / objective.temperature)
      return mean(
        scene.positivePairs.map(([a, p]) => {
          const rivals = sum(scene.N(a).map((n) => e(a, n)))
          return -Math.log(e(a, p) / (e(a, p) + rivals))
        }),
      )
    }
    case 'multi-similarity':
      return multiSimilarity(objective, new Scene(batch))
    default:
      return proxy(objective, batch)
  }
}

function pairsIn(batch: ReferenceBatch) {
  const scene = new Scene(batch)
  const { positivePairs, negativePairs } = scene
  return { positivePairs, negativePairs, D: (i: number, j: number) => scene.D(i, j) }
}

function triplet({ mining, margin: m, soft }: ObjectiveOf<'triplet'>, scene: Scene): number {
  if (mining === 'batch-hard') {
    const anchors = scene.all.filter((a) => scene.P(a).length > 0 && scene.N(a).length > 0)
    return mean(
      anchors.map((a) => {
        const far = Math.max(...scene.P(a).map((p) => scene.D(a, p)))
        const near = Math.min(...scene.N(a).map((n) => scene.D(a, n)))
        return soft ? Math.log(1 + Math.exp(far - near)) : hinge(far - near + m)
      }),
    )
  }
  const terms: number[] = []
  for (const [a, p] of scene.positivePairs) {
    for (const n of scene.N(a)) {
      const [ap, an] = [scene.D(a, p), scene.D(a, n)]
      if (mining === 'all' ? ap - an + m > 0 : ap < an && an < ap + m) terms.push(ap - an + m)
    }
  }
  return mean(terms)
}

function margin(objective: ObjectiveOf<'margin'>, scene: Scene): number {
  const { noise, draws, boundaries, dimensions: d } = scene.batch
  const { margin: alpha, nearCutoff, farCutoff, boundaryWeight } = objective
  const terms: number[] = []
  for (const a of scene.all) {
    const beta = boundaries![a]!
    const positives = scene.P(a)
    for (const p of positives) terms.push(hinge(alpha + scene.D(a, p) - beta))
    const near = scene.N(a).filter((n) => scene.D(a, n) < farCutoff)
    const candidates = near.length > 0 ? near : scene.N(a)
    if (candidates.length === 0) continue
    for (let draw = 0; draw < Math.min(draws!, positives.length); draw++) {
      const chance = (n: number) => {
        const D = Math.max(scene.D(a, n), nearCutoff)
        const q = D ** (d - 2) * (1 - D ** 2 / 4) ** ((d - 3) / 2)
        return (near.length > 0 ? Math.log(1 / q) : 0) + noise!(draw, a, n)
      }
      const n = candidates.reduce((best, j) => (chance(j) > chance(best) ? j : best))
      terms.push(hinge(alpha - scene.D(a, n) + beta))
    }
  }
  return mean(terms.filter((term) => term > 0)) + boundaryWeight * mean(boundaries!)
}

function lifted({ form, margin: alpha, l2 }: ObjectiveOf<'lifted'>, scene: Scene): number {
  const repulsion = (i: number) => sum(scene.N(i).map((k) => Math.exp(alpha - scene.D(i, k))))
  const penalty = scene.penalty(l2)
  if (form === 'structured') {
    const terms = scene.positivePairs.map(([i, j]) => {
      const both = repulsion(i) + repulsion(j)
      return both === 0 ? 0 : hinge(Math.log(both) + scene.D(i, j)) ** 2
    })
    return mean(terms) / 2 + penalty
  }
  const anchors = scene.all.filter((a) => scene.P(a).length > 0 && scene.N(a).length > 0)
  const terms = anchors.map((a) => {
    const attraction = sum(scene.P(a).map((p) => Math.exp(scene.D(a, p))))
    return hinge(Math.log(attraction) + Math.log(repulsion(a)))
  })
  return mean(terms) + penalty
}

function nPairs(l2: number, scene: Scene): number {
  const { labels, easy } = scene.batch
  const turn = (i: number) => scene.classmates(i).filter((j) => j < i).length
  const partner = (i: number) => {
    if (easy) return scene.P(i)[0]
    return turn(i) % 2 === 0 ? scene.P(i).find((j) => turn(j) === turn(i) + 1) : undefined
  }
  const anchors = scene.all.filter((i) => partner(i) !== undefined)
  const terms = anchors.map((i) => {
    const opponents = anchors.filter((j) => labels[j] !== labels[i] && turn(j) === turn(i))
    const own = scene.S(i, partner(i)!)
    return Math.log(1 + sum(opponents.map((j) => Math.exp(scene.S(i, partner(j)!) - own))))
  })
  return mean(terms) + scene.penalty(l2)
}

function multiSimilarity(objective: ObjectiveOf<'multi-similarity'>, scene: Scene): number {
  const { alpha, beta, lambda, epsilon } = objective
  const terms = scene.all.map((i) => {
    const least = Math.min(...scene.P(i).map((p) => scene.S(i, p)))
    const most = Math.max(...scene.N(i).map((n) => scene.S(i, n)))
    const P = scene.P(i).filter((p) => scene.S(i, p) - epsilon < most)
    const N = scene.N(i).filter((n) => scene.S(i, n) + epsilon > least)
    if (P.length === 0 || N.length === 0) return 0
    const pull = sum(P.map((p) => Math.exp(-alpha * (scene.S(i, p) - lambda))))
    const push = sum(N.map((n) => Math.exp(beta * (scene.S(i, n) - lambda))))
    return Math.log(1 + pull) / alpha + Math.log(1 + push) / beta
  })
  return mean(terms)
}

/** Cosines of each image to each class. */
function classCosines({ vectors, proxies }: ReferenceBatch): number[][] {
  return vectors.map((row) => proxies!.map((proxy) => dot(unit(row), unit(proxy))))
}

function proxy(objective: ProxyObjective, batch: ReferenceBatch): number {
  const cosines = classCosines(batch)
  const { labels } = batch
  if (objective.kind === 'proxy-anchor') {
    const { alpha, delta } = objective
    const images = [...labels.keys()]
    const pulls: number[] = []
    const pushes: number[] = []
    for (const c of batch.proxies!.keys()) {
      const own = images.filter((i) => labels[i] === c)
      const others = images.filter((i) => labels[i] !== c)
      const attraction = own.map((i) => Math.exp(-alpha * (cosines[i]![c]! - delta)))
      const repulsion = others.map((i) => Math.exp(alpha * (cosines[i]![c]! + delta)))
      if (own.length > 0) pulls.push(Math.log(1 + sum(attraction)))
      pushes.push(Math.log(1 + sum(repulsion)))
    }
    return mean(pulls) + mean(pushes)
  }
  const { scale: s, margin: m } = objective
  return mean(
    labels.map((y, i) => {
      const cosine = cosines[i]![y]!
      const theta = Math.acos(Math.max(-1, Math.min(1, cosine)))
      let harder = cosine - m
      if (objective.kind === 'arcface') {
        // The sine is floored as the distances are.
        const sine = Math.sqrt(Math.max(1 - cosine ** 2, 1e-6))
        const turned = cosine * Math.cos(m) - sine * Math.sin(m)
        harder = theta > Math.PI - m ? cosine - m * Math.sin(m) : turned
      }
      const rivals = cosines[i]!.map((other, c) => (c === y ? 0 : Math.exp(s * other)))
      return -Math.log(Math.exp(s * harder) / (Math.exp(s * harder) + sum(rivals)))
    }),
  )
}
