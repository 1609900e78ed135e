import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { texts } from '../texts/texts.ts'
import { Breakable } from './name.tsx'

interface DialogProps {
  readonly title: string
  readonly close: () => void
  readonly children: ComponentChildren
}

/** A dialog over the page: the browser keeps the focus in it, and Escape closes it. Every dialog can be left. */
export function Dialog({ title, close, children }: DialogProps) {
  const element = useRef<HTMLDialogElement>(null)
  useEffect(() => element.current?.showModal(), [])
  return (
    <dialog
      ref={element}
      aria-label={title}
      // Not `cancel`: a browser closes a dialog at a second Escape, whatever is done about the first.
      onClose={close}
    >
      <header>
        <h2>
          <Breakable text={title} />
        </h2>
        <button type="button" class="quiet" onClick={close} aria-label={texts.close}>
          ✕
        </button>
      </header>
      {children}
    </dialog>
  )
}
