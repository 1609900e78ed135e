import { type InferenceSession, listSupportedBackends } from 'onnxruntime-node'
import type { Provider } from './session-messages.ts'

export type Opened =
  | {
      readonly kind: 'opened'
      readonly session: InferenceSession
      readonly provider: Provider
      readonly fallbackReason: string | null
    }
  | {
      readonly kind: 'refused'
      /** `provider`: it cannot start; `model`: it started, and the graph is no good. */
      readonly fault: 'provider' | 'model'
      readonly reason: string
    }

/** `auto`: cuda where a session opens on it, else cpu with the reason. */
export async function openWithProvider(
  provider: Provider | 'auto',
  open: (provider: Provider) => Promise<InferenceSession>,
): Promise<Opened> {
  try {
    if (provider === 'auto') return await openAuto(open)
    return { kind: 'opened', session: await open(provider), provider, fallbackReason: null }
  } catch (error) {
    const fault = provider === 'cpu' || provider === 'auto' ? 'model' : 'provider'
    return { kind: 'refused', fault, reason: reasonOf(error) }
  }
}

export function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).trim()
}

async function openAuto(open: (provider: Provider) => Promise<InferenceSession>): Promise<Opened> {
  let fallbackReason: string
  if (listSupportedBackends().some(({ name }) => name === 'cuda')) {
    try {
      const session = await open('cuda')
      return { kind: 'opened', session, provider: 'cuda', fallbackReason: null }
    } catch (error) {
      fallbackReason = `cuda: ${reasonOf(error)}`
    }
  } else {
    fallbackReason = 'cuda: this build of onnxruntime does not have it'
  }
  return { kind: 'opened', session: await open('cpu'), provider: 'cpu', fallbackReason }
}
