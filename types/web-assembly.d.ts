// TypeScript keeps WebAssembly in its browser library, whose other globals Node does not have.
declare namespace WebAssembly {
  interface Module {
    readonly [Symbol.toStringTag]: 'WebAssembly.Module'
  }
  const Module: new (bytes: Uint8Array) => Module
  interface Memory {
    readonly buffer: SharedArrayBuffer
    grow(pages: number): number
  }
  const Memory: new (descriptor: { initial: number; maximum: number; shared: true }) => Memory
  interface Instance {
    readonly exports: Record<string, unknown>
  }
  const Instance: new (
    module: Module,
    imports: Record<string, Record<string, unknown>>,
  ) => Instance
}
