import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { droppedFiles, type NamedFile } from './dropped-files.ts'

interface DropZoneProps {
  readonly onFiles: (files: readonly NamedFile[]) => void
  readonly label: string
  readonly children: ComponentChildren
}

/** A place that takes files and folders that are dropped on it. */
export function DropZone({ onFiles, label, children }: DropZoneProps) {
  const [over, setOver] = useState(false)
  return (
    <section
      class={over ? 'drop over' : 'drop'}
      aria-label={label}
      onDragOver={(event) => {
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={() => setOver(false)}
      onDrop={async (event) => {
        event.preventDefault()
        setOver(false)
        if (event.dataTransfer !== null) onFiles(await droppedFiles(event.dataTransfer))
      }}
    >
      {children}
    </section>
  )
}
