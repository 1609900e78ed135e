import type { FastifyRequest } from 'fastify'
import { AppError } from '../../errors.ts'
import type { Loan } from './body-memory.ts'

/**
 * The memory that the body of one request lies in. It goes back once the call that uses it has ended, or the request has, where no call
 * ever did.
 */
export class LentBody {
  readonly #loan: Loan
  #state: 'unused' | 'used' | 'given back' = 'unused'

  constructor(loan: Loan) {
    this.#loan = loan
  }

  /** Does work that reads the body, and settles only when nobody does any more. @throws what it throws; CANCELLED after the end of the request. */
  async use<T>(work: () => Promise<T>): Promise<T> {
    if (this.#state === 'given back') {
      throw new AppError('CANCELLED', 'the request ended before its body was used')
    }
    this.#state = 'used'
    try {
      return await work()
    } finally {
      this.#giveBack()
    }
  }

  /** To be called when the request has its answer, or its client has gone. */
  requestEnded(): void {
    if (this.#state === 'unused') this.#giveBack()
  }

  #giveBack(): void {
    this.#state = 'given back'
    this.#loan.giveBack()
  }
}

/** Does work that reads the body of a request, and settles only when nobody does any more. @throws what it throws; CANCELLED. */
export async function useBody<T>({ lentBody }: FastifyRequest, work: () => Promise<T>): Promise<T> {
  return lentBody === null ? await work() : await lentBody.use(work)
}
