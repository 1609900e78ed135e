import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { ErrorNote, Loading } from './note.tsx'
import { useAnswer } from './use-answer.ts'

interface LaterProps<Part> {
  readonly load: () => Promise<Part>
  readonly show: (part: Part) => JSX.Element
}

/** A part of the page that is loaded when it is first needed. */
export function Later<Part>({ load, show }: LaterProps<Part>) {
  const [turn, setTurn] = useState(0)
  const { value, error } = useAnswer(load, [turn])
  if (error !== null) return <ErrorNote error={error} again={() => setTurn((now) => now + 1)} />
  return value === null ? <Loading /> : show(value)
}
