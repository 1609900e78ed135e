import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { shownCount, texts } from '../texts/texts.ts'
import { droppedFiles, type NamedFile } from './dropped-files.ts'

interface DropZoneProps {
  readonly onFiles: (files: readonly NamedFile[]) => void
  /** Told when the pointer or the focus comes in. */
  readonly onUse?: () => void
  readonly label: string
  readonly children: ComponentChildren
}

/** A place that takes files and folders that are dropped on it. */
export function DropZone({ onFiles, onUse, label, children }: DropZoneProps) {
  const [over, setOver] = useState(false)
  const [unread, setUnread] = useState<readonly string[]>([])
  return (
    <section
      class={over ? 'drop over' : 'drop'}
      aria-label={label}
      onPointerEnter={() => onUse?.()}
      onFocusIn={() => onUse?.()}
      onDragOver={(event) => {
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={() => setOver(false)}
      onDrop={async (event) => {
        event.preventDefault()
        setOver(false)
        if (event.dataTransfer === null) return
        const dropped = await droppedFiles(event.dataTransfer)
        setUnread(dropped.unread)
        onFiles(dropped.files)
      }}
    >
      {children}
      {unread.length > 0 && (
        <p class="error" role="alert">
          {texts.unread(shownCount(unread.length))} {unread.slice(0, 10).join(', ')}
        </p>
      )}
    </section>
  )
}
