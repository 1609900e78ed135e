import { useEffect, useState } from 'preact/hooks'
import type { Examples } from '../api/contract.ts'
import { onKeyState } from '../api/key.ts'
import { ask } from '../api/service.ts'
import { type Answer, useAnswer } from '../parts/use-answer.ts'

/** The pictures that the service brings along; asked for anew when a key is given, which may allow more. */
export function useExamples(): Answer<Examples> {
  const [keys, setKeys] = useState(0)
  useEffect(
    () =>
      onKeyState((state) => {
        if (state === 'enough') setKeys((now) => now + 1)
      }),
    [],
  )
  return useAnswer((signal) => ask<Examples>('GET', '/v1/examples', { signal }), [keys])
}
