import type { EngineCapabilities } from '../engine/engine.ts'
import { AppError } from '../errors.ts'

/** @throws INVALID_REQUEST for a value that the engine cannot do. */
export function checkCapability<Value extends string>(
  member: string,
  value: Value,
  possible: readonly Value[],
): void {
  if (possible.includes(value)) return
  throw new AppError(
    'INVALID_REQUEST',
    `/${member}: this engine takes ${possible.join(', ')}, got ${value}`,
  )
}

type Ability = 'identities' | 'fingerprints' | 'statistics'

/** @throws INVALID_REQUEST where the engine cannot do it. */
export function checkAbility(ability: Ability, capabilities: EngineCapabilities): void {
  if (capabilities[ability]) return
  throw new AppError('INVALID_REQUEST', `this engine has no ${ability}`)
}
