import type { JSX } from 'preact'
import { texts } from '../texts/texts.ts'
import { ErrorNote, Loading } from './note.tsx'
import { useAnswer } from './use-answer.ts'

interface LaterProps<Part> {
  readonly load: () => Promise<Part>
  readonly show: (part: Part) => JSX.Element
}

/** A part of the page that is loaded when it is first needed. */
export function Later<Part>({ load, show }: LaterProps<Part>) {
  const { value, error } = useAnswer(load, [])
  if (error !== null) {
    // After an upgrade the part has another name, which only a page that is loaded anew knows.
    return <ErrorNote error={new Error(texts.partMissing)} again={() => location.reload()} />
  }
  return value === null ? <Loading /> : show(value)
}
