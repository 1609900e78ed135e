import type { components, paths } from './api-types.ts'

export type Schemas = components['schemas']
export type Path = keyof paths
type Method = 'get' | 'put' | 'post' | 'patch' | 'delete'

/** The methods that a path takes. */
export type MethodOf<P extends Path> = {
  [M in Method]: paths[P] extends Record<M, { responses: unknown }> ? M : never
}[Method]

/** What the document says about one call. */
export type Call<P extends Path, M extends MethodOf<P>> = paths[P][M]

type Parameters<C, Where extends string> = C extends { parameters: { [W in Where]?: infer T } }
  ? Exclude<T, undefined>
  : never

type WithPath<C> = [Parameters<C, 'path'>] extends [never]
  ? { readonly path?: never }
  : { readonly path: Parameters<C, 'path'> }

type WithQuery<C> = [Parameters<C, 'query'>] extends [never]
  ? { readonly query?: never }
  : { readonly query?: Parameters<C, 'query'> }

type Contents<C> = C extends { requestBody: { content: infer T } } ? T : never

type WithBody<C> = [Contents<C>] extends [never]
  ? { readonly body?: never }
  : { readonly body: Body<Contents<C>> }

type Body<T> =
  | (T extends { 'application/json': infer Json } ? WithFiles<Json> : never)
  | FormData
  | Blob

/** What a call is given. */
export type Input<C> = WithPath<C> & WithQuery<C> & WithBody<C> & CallOptions

export interface CallOptions {
  readonly signal?: AbortSignal | undefined
}

type Answers<C> = C extends { responses: infer R } ? R[keyof R & (200 | 201 | 202)] : never

/** What a call resolves to: the JSON, text or bytes of the answer; undefined where there are none. */
export type Answer<C> = [Answers<C>] extends [never] ? undefined : Content<Answers<C>>

type Content<A> = A extends { content: infer T }
  ? T extends { 'application/json': infer Json }
    ? Json
    : T extends { 'image/*': unknown }
      ? Blob
      : string
  : undefined

/** The bytes of an image file. A `Blob` may be read from a file: `openAsBlob` of `node:fs`, or an input of a page. */
export type ImageFile = Blob | Uint8Array<ArrayBuffer>

/** The same JSON, with files wherever it has images. */
export type WithFiles<T> = T extends Schemas['ImageSource']
  ? T | ImageFile
  : T extends readonly (infer Item)[]
    ? readonly WithFiles<Item>[]
    : T extends object
      ? { [Name in keyof T]: WithFiles<T[Name]> }
      : T
