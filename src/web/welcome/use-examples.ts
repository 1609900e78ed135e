import { useEffect, useState } from 'preact/hooks'
import type { Examples } from '../api/contract.ts'
import { onKeyState } from '../api/key.ts'
import { ask } from '../api/service.ts'
import { type Answer, useAnswer } from '../parts/use-answer.ts'

interface ExamplesAnswer extends Answer<Examples> {
  readonly again: () => void
}

/** The pictures that the service brings along; asked for anew when a key is given, which may allow more. */
export function useExamples(): ExamplesAnswer {
  const [turn, setTurn] = useState(0)
  const again = () => setTurn((now) => now + 1)
  useEffect(() => {
    let lacksKey = false
    return onKeyState((state) => {
      if (lacksKey && state === 'enough') again()
      lacksKey = state !== 'enough'
    })
  }, [])
  const answer = useAnswer((signal) => ask<Examples>('GET', '/v1/examples', { signal }), [turn])
  return { ...answer, again }
}
