import { Fragment } from 'preact'

/** An id in a list: the beginning of a long one, which is whole when it is pointed at. */
export function Name({ id }: { id: string }) {
  return (
    <p class="name" title={id}>
      <Breakable text={id} />
    </p>
  )
}

/** A text that may be a long path: lines break behind what separates its parts. */
export function Breakable({ text }: { text: string }) {
  const parts = text.split(/(?<=[/_.-])(?=[^/_.-])/)
  return parts.map((part, i) => (
    <Fragment key={i}>
      {part}
      <wbr />
    </Fragment>
  ))
}
