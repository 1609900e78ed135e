import { parentPort } from 'node:worker_threads'

type Message =
  | { readonly kind: 'fact'; readonly value: unknown }
  | { readonly kind: 'task'; readonly number: number; readonly task: 'say' | 'die' }

// Says how often it was told a fact, and the last.
let times = 0
let last: unknown = null
parentPort!.on('message', (message: Message) => {
  if (message.kind === 'fact') {
    times++
    last = message.value
  } else if (message.task === 'die') process.exit(7)
  else parentPort!.postMessage({ number: message.number, times, last })
})
