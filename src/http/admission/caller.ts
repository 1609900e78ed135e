import { isIPv6 } from 'node:net'
import { AppError, shown } from '../../errors.ts'

export type Scope = 'read' | 'write'

/** Who sent a request. */
export interface Caller {
  /** Of its end of the connection, or as a trusted proxy names it. */
  readonly address: string
  /** Its key, never with the secret; null without one. */
  readonly key: { readonly name: string; readonly scope: Scope } | null
  /** What shares and limits are counted by, in words: its key, or without one its address. */
  readonly name: string
  /** The only collections that it sees; null for all. */
  readonly collections: ReadonlySet<string> | null
}

/** @throws COLLECTION_NOT_FOUND for a collection that the caller's key does not see, as for one that is not there. */
export function checkSees({ collections }: Caller, collection: string): void {
  if (collections === null || collections.has(collection)) return
  throw new AppError('COLLECTION_NOT_FOUND', `no collection ${shown(collection)}`)
}

/** Describes a caller without a key. */
export function callerAt(address: string): Caller {
  return { address, key: null, name: `address ${networkOf(address)}`, collections: null }
}

/**
 * Gives what one caller has of addresses: an IPv4 address, or the first 64 bits of an IPv6 address, as
 * whoever has one of those has them all.
 */
export function networkOf(address: string): string {
  const [bare = ''] = address.split('%', 1)
  if (!isIPv6(bare)) return address
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare)?.[1]
  if (mapped !== undefined) return mapped
  const [head = '', tail] = bare.split('::')
  const before = head === '' ? [] : head.split(':')
  // `::` stands for as many zeros as make eight groups.
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = Array<string>(
    tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length),
  ).fill('0')
  const groups = [...before, ...zeros, ...after].slice(0, 4)
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`
}
