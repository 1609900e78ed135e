import { type InferenceSession, listSupportedBackends } from 'onnxruntime-node'
import { AppError, type ErrorCode, messageOf } from '../../errors.ts'
import type { Provider, SessionProvider } from './session-calls.ts'

interface Opened {
  readonly session: InferenceSession
  readonly provider: SessionProvider
}

/** The words of errors for the session that is opened. */
interface Subject {
  readonly name: string
  /** What onnxruntime is to run. */
  readonly graph: string
  /** The code of the error where it cannot. */
  readonly invalid: ErrorCode
}

/**
 * Opens a session; for `auto` on cuda where one opens there, else on the cpu.
 * @throws PROVIDER_UNAVAILABLE where a provider by name cannot start; `invalid` where it started, and the graph is no good.
 */
export async function openWithProvider(
  provider: Provider | 'auto',
  { name, graph, invalid }: Subject,
  open: (provider: Provider) => Promise<InferenceSession>,
): Promise<Opened> {
  try {
    if (provider === 'auto') return await openAuto(open)
    return opened(await open(provider), provider, null)
  } catch (error) {
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
  let fallbackReason: string
  if (listSupportedBackends().some(({ name }) => name === 'cuda')) {
    try {
      return opened(await open('cuda'), 'cuda', null)
    } catch (error) {
      fallbackReason = `cuda: ${messageOf(error).trim()}`
    }
  } else {
    fallbackReason = 'cuda: this build of onnxruntime does not have it'
  }
  return opened(await open('cpu'), 'cpu', fallbackReason)
}

function opened(session: InferenceSession, name: Provider, fallbackReason: string | null): Opened {
  return { session, provider: { name, fallbackReason } }
}
