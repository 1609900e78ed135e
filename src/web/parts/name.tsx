import { Fragment } from 'preact'

/** An id: long ones break behind what separates their parts, and are whole when they are pointed at. */
export function Name({ id }: { id: string }) {
  const parts = id.split(/(?<=[/_.-])(?=[^/_.-])/)
  return (
    <p class="name" title={id}>
      {parts.map((part, i) => (
        <Fragment key={i}>
          {part}
          <wbr />
        </Fragment>
      ))}
    </p>
  )
}
