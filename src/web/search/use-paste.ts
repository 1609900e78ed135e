import { useEffect, useRef } from 'preact/hooks'
import { chosenFiles, type NamedFile } from '../parts/dropped-files.ts'

/** The boxes of the view that take what is pasted, the one used last first. */
const boxes: object[] = []

/**
 * Gives the pictures that are pasted to the box that had the pointer or the focus last, to the first one of the view
 * where none had.
 * @returns what says that this box is used.
 */
export function usePaste(onFiles: (files: readonly NamedFile[]) => void): () => void {
  const box = useRef<object>({}).current
  const latest = useRef(onFiles)
  latest.current = onFiles
  useEffect(() => {
    const paste = ({ clipboardData }: ClipboardEvent) => {
      if (clipboardData === null || boxes[0] !== box) return
      latest.current(chosenFiles(clipboardData.files))
    }
    boxes.push(box)
    addEventListener('paste', paste)
    return () => {
      removeEventListener('paste', paste)
      boxes.splice(boxes.indexOf(box), 1)
    }
  }, [box])
  return () => {
    boxes.splice(boxes.indexOf(box), 1)
    boxes.unshift(box)
  }
}
