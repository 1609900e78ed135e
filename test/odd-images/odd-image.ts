/** An odd file, and what has to become of it. */
export interface OddImage {
  readonly name: string
  readonly make: () => Promise<Uint8Array> | Uint8Array
  readonly want:
    | {
        readonly kind: 'picture'
        /** The most by which a value may differ from that of the independent decoder. */
        readonly within: number
      }
    | {
        readonly kind: 'refused'
        readonly code: 'UNDECODABLE_IMAGE' | 'NOT_AN_IMAGE'
        /** Words that the message has. */
        readonly says: string
      }
}

export function shown(name: string, make: OddImage['make'], within = 2): OddImage {
  return { name, make, want: { kind: 'picture', within } }
}

export function refused(name: string, make: OddImage['make'], says: string): OddImage {
  return { name, make, want: { kind: 'refused', code: 'UNDECODABLE_IMAGE', says } }
}

export function foreign(name: string, start: string | Uint8Array, says: string): OddImage {
  const make = () => (typeof start === 'string' ? Buffer.from(start, 'latin1') : start)
  return { name, make, want: { kind: 'refused', code: 'NOT_AN_IMAGE', says } }
}
