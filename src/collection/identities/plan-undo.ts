import type { IdentityEffect, PastChange } from '../../engine/identity-store.ts'
import type { IdentityValue } from '../../engine/identity-value.ts'
import { AppError, shown } from '../../errors.ts'
import type { CurationView, Plan } from './curation-plan.ts'

/**
 * Takes back a change: all that it changed becomes what it was before. Records that were deleted since stay deleted.
 * @throws CHANGE_NOT_FOUND; CHANGE_OVERTAKEN where something was changed, or a name given again, since; INVALID_REQUEST for an undo.
 */
export async function planUndo(change: number, view: CurationView): Promise<Plan> {
  const { engine } = view
  const found = await engine.identities.past(change)
  if (found === null) {
    const message = `no change ${change} in the history of ${engine.spec.name}`
    throw new AppError('CHANGE_NOT_FOUND', message)
  }
  const { past, effects, overtakenBy } = found
  if (past.undoes !== null) {
    throw new AppError(
      'INVALID_REQUEST',
      `/change: expected a change that is no undo, got ${change}, which undid ${past.undoes}: make that change again`,
    )
  }
  if (past.undoneBy !== null) {
    throw new AppError(
      'CHANGE_OVERTAKEN',
      `expected a change that holds, got ${change}, which change ${past.undoneBy} undid`,
    )
  }
  if (overtakenBy !== null) {
    throw new AppError(
      'CHANGE_OVERTAKEN',
      `expected change ${change} to be the last of its records and identities, got ${described(overtakenBy)} after it: undo that first`,
    )
  }
  await checkNotNamedAgain(past, view)
  const left = await withoutDeleted(effects, change, view)
  return { kind: 'undo', what: { change }, undoes: change, effects: left.map(inverse) }
}

/** Identities that the change has ended come back: whoever has got such a name since would become one with them. */
async function checkNotNamedAgain(
  { change, kind, what }: PastChange,
  { engine }: Pick<CurationView, 'engine'>,
): Promise<void> {
  const ended = kind === 'rename' ? [what.identity] : kind === 'merge' ? what.from : []
  for (const identity of ended as readonly IdentityValue[]) {
    if ((await engine.identities.find(identity)) === null) continue
    throw new AppError(
      'CHANGE_OVERTAKEN',
      `expected nobody of the name ${shown(identity)}, which change ${change} has ended, got one who was given it since: rename that one first`,
    )
  }
}

async function withoutDeleted(
  effects: readonly IdentityEffect[],
  change: number,
  { engine }: Pick<CurationView, 'engine'>,
): Promise<readonly IdentityEffect[]> {
  const ids = effects.flatMap(({ kind, subject }) => (kind === 'record' ? [subject] : []))
  const values = await engine.identities.valuesOf(ids)
  const found = new Map(ids.map((id, i) => [id, values[i] ?? null]))
  return effects.filter(({ kind, subject, after }) => {
    if (kind !== 'record') return true
    const present = found.get(subject) ?? null
    if (present === null) return false
    if (JSON.stringify(present.value) === JSON.stringify(after)) return true
    throw new AppError(
      'CHANGE_OVERTAKEN',
      `expected the record ${shown(subject)} to have ${shown(after)} as change ${change} left it, got ${shown(present.value)}: it was written since`,
    )
  })
}

function inverse(effect: IdentityEffect): IdentityEffect {
  return { ...effect, before: effect.after, after: effect.before } as IdentityEffect
}

function described({ change, kind, by, at }: PastChange): string {
  const who = by === null ? 'without a key' : `by key ${shown(by)}`
  return `change ${change} (${kind}, ${who}, ${at})`
}
