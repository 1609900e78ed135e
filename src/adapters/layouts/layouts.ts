import type { Layouts } from '../../collection/maps/layouts.ts'
import { onDemandThread } from '../on-demand-thread.ts'
import type { LayoutCalls } from './layout-thread.ts'

/** Lays out by UMAP, in a thread of its own that starts with the first call. */
export function createLayouts(): Layouts {
  // Compiled, the thread's file ends in .js.
  const script = new URL('./layout-thread.js', import.meta.url)
  const thread = onDemandThread<LayoutCalls>(script, 'the thread that lays out maps')
  return {
    layOut: (graph, seed, signal) => thread.call('layOut', { graph, seed }, { signal }),
    close: () => thread.close(),
  }
}
