import { LargeImages, type TakeMemory } from './large-images.ts'
import { type Priority, PriorityQueue, SEARCHES_IN_A_ROW } from './priority-queue.ts'
import type { Clock } from './timers.ts'

/** The processors for which one image to store is on its way while somebody searches. */
const PROCESSORS_AN_IMAGE = 4
/** The milliseconds after a search in which its caller may still be searching. */
const SEARCHING_MS = 1000
/** The most images to store on their way while nobody searches: more than decoders and two batches take. */
const MAX_ON_THEIR_WAY = 96
/** The further images to store that may wait. */
const MAX_WAITING = 1024
/** The images of each priority that may wait for a decoder. */
const MAX_WAITING_FOR_DECODER = 256

type Turns = PriorityQueue<null, void>

/** The two halves of the way from the file of an image to its vector. */
interface Halves<Decoded, Vector> {
  readonly decode: () => Promise<Decoded>
  readonly embed: (decoded: Decoded) => Promise<Vector>
}

/** The same of an image whose memory is not known yet. */
interface ImageWork<Decoded, Vector> extends Omit<Halves<Decoded, Vector>, 'decode'> {
  /** Decodes, and calls `take` before it takes memory; what that throws has to end it. It is then called again later. */
  readonly decode: (take: TakeMemory) => Promise<Decoded>
}

/**
 * Decides which image is decoded and embedded next. Work that has begun cannot be interrupted, so processors are kept free
 * for searches: while somebody searches, few images to store are on their way, one decoder takes searches alone, and decoded
 * images to store are embedded between searches, so that a search that has been decoded finds the model free.
 * Searches wait for a decoder alone. Images that take much memory wait for each other first (`LargeImages`).
 */
export class ImageScheduler {
  readonly #clock: Clock
  readonly #processors: number
  readonly #large: LargeImages
  readonly #toBegin: Turns = new PriorityQueue({
    room: MAX_WAITING,
    what: 'images to store waiting',
    wanted: 'an image to be stored',
  })
  readonly #toDecode: Turns = new PriorityQueue({
    room: MAX_WAITING_FOR_DECODER,
    what: 'images waiting to be decoded',
    wanted: 'a decoded image',
  })
  /** Decoded images to store. It has room for all that are on their way, so that none is refused half done. */
  readonly #toEmbed: Turns
  /** The images to store that are on their way, and how many of them are being embedded. */
  #onTheirWay = 0
  #embedding = 0
  readonly #decoding: Record<Priority, number> = { search: 0, bulk: 0 }
  #searches = 0
  #searchEnded = Number.NEGATIVE_INFINITY
  /** The searches that have ended since a decoded image to store was let through. */
  #searchesPassed = 0

  /** @param processors the number of images to store that are decoded at once; one search more may be. */
  constructor({ clock, processors }: { readonly clock: Clock; readonly processors: number }) {
    if (!Number.isInteger(processors) || processors < 1) {
      throw new RangeError(`expected processors to be an integer of at least 1, got ${processors}`)
    }
    this.#clock = clock
    this.#processors = processors
    this.#large = new LargeImages(processors)
    this.#toEmbed = new PriorityQueue({
      room: MAX_ON_THEIR_WAY + processors,
      what: 'images to store waiting',
      wanted: 'an embedding',
    })
  }

  get waitingForDecoder(): number {
    return this.#toDecode.size
  }

  /**
   * Decodes and embeds one image when its turn comes.
   * @throws QUEUE_FULL at once; CANCELLED when `signal` aborts before a half of the work begins; what `work` throws.
   */
  async run<Decoded, Vector>(
    priority: Priority,
    work: ImageWork<Decoded, Vector>,
    signal?: AbortSignal,
  ): Promise<Vector> {
    const { embed } = work
    const run = (take: TakeMemory, isLarge: boolean) => {
      const halves = { decode: () => work.decode(take), embed }
      if (priority === 'search') return this.#search(halves, isLarge, signal)
      // A large image has waited for the other large ones: no small one has to wait behind it.
      return isLarge ? this.#decodeAndEmbed(halves, signal) : this.#store(halves, signal)
    }
    return await this.#large.run(priority, run, signal)
  }

  async #search<Decoded, Vector>(
    work: Halves<Decoded, Vector>,
    isLarge: boolean,
    signal?: AbortSignal,
  ) {
    const decode = () => this.#decode('search', work.decode, signal)
    if (!isLarge) return await this.#searching(async () => work.embed(await decode()))
    // No image to store waits for the model while a large one is decoded.
    const decoded = await decode()
    return await this.#searching(() => work.embed(decoded))
  }

  /** Does the part of a search during which images to store stand back. */
  async #searching<T>(part: () => Promise<T>): Promise<T> {
    this.#searches++
    try {
      return await part()
    } finally {
      this.#searches--
      this.#searchEnded = this.#clock()
      this.#searchesPassed++
      this.#startNext()
    }
  }

  async #store<Decoded, Vector>(work: Halves<Decoded, Vector>, signal?: AbortSignal) {
    await this.#turn(this.#toBegin, 'bulk', signal)
    try {
      return await this.#decodeAndEmbed(work, signal)
    } finally {
      this.#onTheirWay--
      this.#startNext()
    }
  }

  async #decodeAndEmbed<Decoded, Vector>(work: Halves<Decoded, Vector>, signal?: AbortSignal) {
    const decoded = await this.#decode('bulk', work.decode, signal)
    await this.#turn(this.#toEmbed, 'bulk', signal)
    try {
      return await work.embed(decoded)
    } finally {
      this.#embedding--
      this.#startNext()
    }
  }

  async #decode<Decoded>(
    priority: Priority,
    decode: () => Promise<Decoded>,
    signal?: AbortSignal,
  ): Promise<Decoded> {
    await this.#turn(this.#toDecode, priority, signal)
    try {
      return await decode()
    } finally {
      this.#decoding[priority]--
      this.#startNext()
    }
  }

  /** Resolves when an image may begin what it waits for in `queue`. */
  #turn(queue: Turns, priority: Priority, signal?: AbortSignal): Promise<void> {
    const turn = queue.enter(null, priority, signal)
    this.#startNext()
    return turn
  }

  /** Starts all images that may begin something now. */
  #startNext(): void {
    while (this.#onTheirWay < this.#mostAtOnce() && start(this.#toBegin)) this.#onTheirWay++
    this.#startDecoding()
    while (this.#embedding < this.#mostAtOnce() && this.#mayEmbed() && start(this.#toEmbed)) {
      this.#embedding++
      this.#searchesPassed = 0
    }
  }

  #startDecoding(): void {
    const decoding = this.#decoding
    while (decoding.search + decoding.bulk <= this.#processors) {
      const [next] = this.#toDecode.take({ searchesOnly: decoding.bulk >= this.#processors })
      if (next === undefined) return
      decoding[next.priority]++
      next.resolve()
    }
  }

  #mayEmbed(): boolean {
    return this.#searches === 0 || this.#searchesPassed >= SEARCHES_IN_A_ROW
  }

  /** Gives the number of images to store that may be on their way, and that may be embedded. */
  #mostAtOnce(): number {
    const searching = this.#searches > 0 || this.#clock() - this.#searchEnded < SEARCHING_MS
    return searching ? Math.ceil(this.#processors / PROCESSORS_AN_IMAGE) : MAX_ON_THEIR_WAY
  }
}

/** Starts the next image of the queue. @returns whether there was one. */
function start(queue: Turns): boolean {
  const [next] = queue.take()
  next?.resolve()
  return next !== undefined
}
