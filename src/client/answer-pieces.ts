/** Gives an answer in pieces as it comes, each of which ends with a separator. What is behind the last one is no piece. */
export async function* piecesOf(
  response: Response,
  separator: string,
): AsyncGenerator<string, void, undefined> {
  let text = ''
  // Not every browser iterates over streams.
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      text += value
      const pieces = text.split(separator)
      text = pieces.pop()!
      yield* pieces
    }
  } finally {
    // Closes the connection of a caller that has seen enough. One that broke has nothing to cancel.
    await reader.cancel().catch(() => undefined)
  }
}
