import { shownCount, texts } from '../texts/texts.ts'
import type { LateDeletes } from './use-late-deletes.ts'

/** Says what will be deleted, and takes it back. */
export function UndoDelete({ deletes: { last, undo } }: { deletes: LateDeletes }) {
  if (last === null) return null
  const { removed, removedMany } = texts.collections
  return (
    <p class="toast" role="status">
      {last.length === 1 ? removed(last[0]!) : removedMany(shownCount(last.length))}{' '}
      <button type="button" onClick={undo}>
        {texts.collections.undo}
      </button>
    </p>
  )
}
