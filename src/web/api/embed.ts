import { ask } from './service.ts'

/** Embeds a picture once, so that sliders need not send it again. */
export async function embed(model: string, data: string, signal?: AbortSignal): Promise<number[]> {
  const answer = await ask<{ data: { embedding: number[] }[] }>('POST', '/v1/embeddings', {
    body: { model, input: [`data:application/octet-stream;base64,${data}`] },
    signal,
  })
  return answer.data[0]!.embedding
}

/** A file in base64. */
export async function base64Of(file: Blob): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer())
  let text = ''
  // In pieces: a call takes so many arguments and no more.
  for (let i = 0; i < bytes.length; i += 0x8000) {
    text += String.fromCharCode(...bytes.subarray(i, i + 0x8000))
  }
  return btoa(text)
}
