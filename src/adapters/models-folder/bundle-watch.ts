import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type BundlePlaces, bundleFolder } from './bundle-folder.ts'

export interface BundleWatchOptions extends BundlePlaces {
  readonly everyMs: number
  /** Gives the names of the models to look after. */
  readonly names: () => readonly string[]
  /** Called with a model whose files have changed; it reports its failures itself. */
  readonly onChange: (name: string) => Promise<void>
}

/**
 * Looks at the files of models in use every few seconds. A change counts once it has been seen twice
 * the same, so that a bundle is not read while it is being copied.
 */
export class BundleWatch {
  readonly #options: BundleWatchOptions
  readonly #known = new Map<string, string>()
  readonly #changing = new Map<string, string>()
  #timer: NodeJS.Timeout | null = null
  #looking: Promise<void> | null = null
  #closed = false

  constructor(options: BundleWatchOptions) {
    this.#options = options
    this.#schedule()
  }

  /** Takes the files of a model, as they are now, for known: call it before they are read. */
  async note(name: string): Promise<void> {
    this.#known.set(name, await this.#signature(name))
  }

  /** Looks once; on its own it does so every `everyMs`. */
  async look(): Promise<void> {
    for (const name of this.#options.names()) {
      const signature = await this.#signature(name)
      if (signature === this.#known.get(name)) this.#changing.delete(name)
      else if (signature !== this.#changing.get(name)) this.#changing.set(name, signature)
      else {
        this.#changing.delete(name)
        this.#known.set(name, signature)
        await this.#options.onChange(name)
      }
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    if (this.#timer !== null) clearTimeout(this.#timer)
    await this.#looking
  }

  #schedule(): void {
    this.#timer = setTimeout(() => {
      this.#looking = this.look().then(() => {
        if (!this.#closed) this.#schedule()
      })
    }, this.#options.everyMs)
    this.#timer.unref()
  }

  /** Writes names, sizes and times of a bundle's files; empty without the folder. */
  async #signature(name: string): Promise<string> {
    const folder = bundleFolder(this.#options, name)
    const files = await readdir(folder).catch(() => [])
    const marks = await Promise.all(
      files.sort().map(async (file) => {
        const found = await stat(join(folder, file)).catch(() => null)
        return `${file} ${found?.size} ${found?.mtimeMs} ${found?.ino}`
      }),
    )
    return marks.join('\n')
  }
}
