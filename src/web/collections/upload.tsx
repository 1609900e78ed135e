import { useEffect, useRef, useState } from 'preact/hooks'
import { DropZone } from '../parts/drop-zone.tsx'
import { chosenFiles, type NamedFile } from '../parts/dropped-files.ts'
import { shownCount, texts } from '../texts/texts.ts'
import { NOTHING_SENT, upload } from './upload-queue.ts'

/** Takes a folder or pictures, and stores them with their progress, what failed, and a way to go on. */
export function Upload({ collection, done }: { collection: string; done: () => void }) {
  const [state, setState] = useState(NOTHING_SENT)
  const running = useRef<AbortController | null>(null)
  useEffect(() => () => running.current?.abort(), [])
  const send = async (files: readonly NamedFile[]) => {
    if (files.length === 0 || running.current !== null) return
    const gone = new AbortController()
    running.current = gone
    await upload(collection, files, gone.signal, setState)
    running.current = null
    done()
  }
  const { total, failed, running: busy } = state
  return (
    <DropZone onFiles={send} label={texts.collections.drop}>
      <p>{texts.collections.drop}</p>
      <p class="buttons">
        <label class="button">
          {texts.collections.chooseFolder}
          <input
            type="file"
            {...{ webkitdirectory: true }}
            onChange={(event) => send(chosenFiles(event.currentTarget.files ?? []))}
          />
        </label>
        <label class="button">
          {texts.collections.chooseFiles}
          <input
            type="file"
            accept="image/*"
            multiple
            onChange={(event) => send(chosenFiles(event.currentTarget.files ?? []))}
          />
        </label>
      </p>
      {total > 0 && (
        <div class="buttons" role="status" aria-live="polite">
          <progress
            max={total}
            value={state.done + failed.length}
            aria-label={texts.collections.drop}
          />
          {texts.collections.uploading(shownCount(state.done), shownCount(total))}
          {busy && (
            <button type="button" onClick={() => running.current?.abort()}>
              {texts.collections.stop}
            </button>
          )}
        </div>
      )}
      {failed.length > 0 && !busy && (
        <details open>
          <summary>{texts.collections.failed(shownCount(failed.length))}</summary>
          <ul>
            {failed.slice(0, 100).map(({ file, reason }) => (
              <li key={file.name}>
                {file.name}: {reason}
              </li>
            ))}
          </ul>
          <button type="button" onClick={() => send(failed.map(({ file }) => file))}>
            {texts.collections.resume}
          </button>
        </details>
      )}
    </DropZone>
  )
}
