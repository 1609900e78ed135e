import { AppError } from '../errors.ts'

/** @throws INVALID_REQUEST for a value that the engine cannot do. */
export function checkCapability<Value extends string>(
  member: string,
  value: Value,
  possible: readonly Value[],
): void {
  if (possible.includes(value)) return
  const values = possible.join(', ')
  throw new AppError('INVALID_REQUEST', `/${member}: this engine takes ${values}, got ${value}`)
}

/** @throws INVALID_REQUEST where the engine is not able. */
export function checkAbility(name: string, isAble: boolean): void {
  if (!isAble) throw new AppError('INVALID_REQUEST', `this engine has no ${name}`)
}
