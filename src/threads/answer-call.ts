import type { CallMessage, CallTable, Handlers, RepliesMessage, Reply } from './call-table.ts'
import { sentError } from './thread-error.ts'

type Post = (message: RepliesMessage, transfer: readonly ArrayBuffer[]) => void

/** Posts what the handler returns or throws. Handlers that return no promise reply in the order of their calls. */
export async function answerCall(
  post: Post,
  handlers: Handlers<CallTable>,
  { call, kind, args }: CallMessage<CallTable>,
  transfer: (result: unknown) => ArrayBuffer[] = () => [],
): Promise<void> {
  try {
    const result = await handlers[kind]!(args)
    post(repliesOf({ call, result }), transfer(result))
  } catch (error) {
    post(repliesOf({ call, error: sentError(error) }), [])
  }
}

export function repliesOf(...replies: readonly Reply[]): RepliesMessage {
  return { type: 'replies', replies }
}

/** The memory of a result that is a large array, or has some for members; shared memory stays. */
export function ownBuffers(result: unknown): ArrayBuffer[] {
  if (typeof result !== 'object' || result === null) return []
  const values = ArrayBuffer.isView(result) ? [result] : Object.values(result)
  return values
    .filter((value) => ArrayBuffer.isView(value))
    .map(({ buffer }) => buffer)
    .filter((buffer) => buffer instanceof ArrayBuffer)
}
