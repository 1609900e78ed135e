import { env, InferenceSession, listSupportedBackends } from 'onnxruntime-node'
import { AppError, type ErrorCode, messageOf } from '../../errors.ts'

/** Providers by the names that configuration and onnxruntime share. */
export type Provider = 'cpu' | 'cuda' | 'tensorrt'

/** The provider that a session runs on. */
export interface SessionProvider {
  readonly name: Provider
  /** Why it is not the first choice of `auto`. */
  readonly fallbackReason: string | null
}

interface Opened {
  readonly session: InferenceSession
  readonly provider: SessionProvider
}

// Failures come as exceptions, and are reported once, by us, with their consequence.
env.logLevel = 'fatal'

/**
 * Opens a session; for `auto` on cuda where one opens there, else on the cpu.
 * @param subject words for errors: who opens which graph, and the code where onnxruntime cannot run it.
 * @throws PROVIDER_UNAVAILABLE where a provider by name cannot start; `invalid` where it started, and the graph is no good.
 */
export async function openWithProvider(
  provider: Provider | 'auto',
  subject: { readonly name: string; readonly graph: string; readonly invalid: ErrorCode },
  open: (provider: Provider) => Promise<InferenceSession>,
): Promise<Opened> {
  try {
    if (provider === 'auto') return await openAuto(open)
    return { session: await open(provider), provider: { name: provider, fallbackReason: null } }
  } catch (error) {
    const { name, graph, invalid } = subject
    const reason = messageOf(error).trim()
    throw provider === 'cpu' || provider === 'auto'
      ? new AppError(invalid, `${name}: onnxruntime cannot run ${graph}: ${reason}`)
      : new AppError(
          'PROVIDER_UNAVAILABLE',
          `${name}: the provider ${provider} was asked for and cannot start: ${reason}`,
        )
  }
}

async function openAuto(open: (provider: Provider) => Promise<InferenceSession>): Promise<Opened> {
  let reason = 'this build of onnxruntime does not have it'
  if (listSupportedBackends().some(({ name }) => name === 'cuda')) {
    try {
      return { session: await open('cuda'), provider: { name: 'cuda', fallbackReason: null } }
    } catch (error) {
      reason = messageOf(error).trim()
    }
  }
  const provider = { name: 'cpu', fallbackReason: `cuda: ${reason}` } as const
  return { session: await open('cpu'), provider }
}

/** Opens a session that fixes the order of sums by one thread, so that two runs agree bit by bit. */
export function openOnOneThread(graph: Uint8Array, provider: Provider): Promise<InferenceSession> {
  return InferenceSession.create(graph, {
    executionProviders: [provider],
    logSeverityLevel: 4,
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
  })
}
