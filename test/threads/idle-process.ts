import { ThreadClient } from '../../src/threads/thread-client.ts'
import type { ContractCalls } from './contract-thread.ts'

// Ends by itself once the thread has answered, although that is never closed.
const thread = new ThreadClient<ContractCalls>({
  script: new URL('./contract-thread.js', import.meta.url),
  name: 'idle',
  start: 'on demand',
  idle: 'lets process end',
})
for (const value of ['first', 'second']) {
  process.stdout.write(`${await thread.call('echo', { value, afterMs: 50 })}\n`)
}
