import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { texts } from '../texts/texts.ts'

interface DialogProps {
  readonly title: string
  /** Left out where the dialog cannot be left. */
  readonly close?: () => void
  readonly children: ComponentChildren
}

/** A dialog over the page: the browser keeps the focus in it, and Escape closes it. */
export function Dialog({ title, close, children }: DialogProps) {
  const element = useRef<HTMLDialogElement>(null)
  useEffect(() => element.current?.showModal(), [])
  return (
    <dialog
      ref={element}
      aria-label={title}
      onCancel={(event) => {
        event.preventDefault()
        close?.()
      }}
    >
      <header>
        <h2>{title}</h2>
        {close && (
          <button type="button" class="quiet" onClick={close} aria-label={texts.close}>
            ✕
          </button>
        )}
      </header>
      {children}
    </dialog>
  )
}
