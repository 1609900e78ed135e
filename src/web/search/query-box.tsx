import { useState } from 'preact/hooks'
import { DropZone } from '../parts/drop-zone.tsx'
import { chosenFiles, type NamedFile } from '../parts/dropped-files.ts'
import { Picture } from '../parts/picture.tsx'
import { texts } from '../texts/texts.ts'
import { CropDialog } from './crop-dialog.tsx'
import { fileSubject, type Subject } from './subject.ts'
import { useObjectUrls } from './use-object-urls.ts'
import { usePaste } from './use-paste.ts'

/** The most pictures of one query, as the service takes them. */
const MOST = 16

interface QueryBoxProps {
  readonly collection: string
  readonly more: readonly Subject[]
  readonly less: readonly Subject[]
  readonly onMore: (subjects: readonly Subject[]) => void
  readonly onLess: (subjects: readonly Subject[]) => void
}

/** What is searched by: pictures that are dropped, pasted, photographed or chosen, and records. */
export function QueryBox({ collection, more, less, onMore, onLess }: QueryBoxProps) {
  const [cropped, setCropped] = useState<Subject | null>(null)
  const add = (files: readonly NamedFile[]) => {
    const made = files.slice(-MOST).map(({ file, name }) => fileSubject(file, name))
    if (made.length > 0)
      onMore([...more.filter(({ kind }) => kind === 'file'), ...made].slice(-MOST))
  }
  const used = usePaste(add)
  const hasFiles = more.some(({ kind }) => kind === 'file')
  useObjectUrls([...more, ...less])
  return (
    <DropZone onFiles={add} onUse={used} label={texts.search.drop}>
      <div class="query">
        <Subjects
          title={texts.search.query}
          subjects={more}
          collection={collection}
          onChange={onMore}
          onCrop={setCropped}
        />
        <Subjects
          title={texts.search.lessTitle}
          subjects={less}
          collection={collection}
          onChange={onLess}
          onCrop={setCropped}
        />
        <div>
          {/* A picture takes the place of records, and joins other pictures. */}
          <p>{hasFiles ? texts.search.dropMore : texts.search.drop}</p>
          <p class="buttons">
            <FileButton label={texts.search.choose} onFiles={add} />
            <FileButton label={texts.search.photograph} onFiles={add} camera />
            {more.length + less.length > 0 && (
              <button
                type="button"
                onClick={() => {
                  onMore([])
                  onLess([])
                }}
              >
                {texts.search.anew}
              </button>
            )}
          </p>
        </div>
      </div>
      {cropped?.kind === 'file' && (
        <CropDialog
          url={cropped.url}
          close={() => setCropped(null)}
          onCrop={(part) => {
            const swap = (one: Subject) =>
              one.key === cropped.key ? fileSubject(part, cropped.name) : one
            onMore(more.map(swap))
            onLess(less.map(swap))
            setCropped(null)
          }}
        />
      )}
    </DropZone>
  )
}

interface SubjectsProps {
  readonly title: string
  readonly subjects: readonly Subject[]
  readonly collection: string
  readonly onChange: (subjects: readonly Subject[]) => void
  readonly onCrop: (subject: Subject) => void
}

function Subjects({ title, subjects, collection, onChange, onCrop }: SubjectsProps) {
  if (subjects.length === 0) return null
  return (
    <div>
      <h2>{title}</h2>
      <ul class="subjects">
        {subjects.map((one) => (
          <li key={one.key}>
            {one.kind === 'file' ? (
              <img src={one.url} alt={one.name} />
            ) : (
              <Picture collection={collection} id={one.id} />
            )}
            <p class="buttons">
              {one.kind === 'file' && (
                <button type="button" onClick={() => onCrop(one)}>
                  {texts.search.crop}
                </button>
              )}
              <button
                type="button"
                aria-label={`${texts.remove}: ${one.kind === 'file' ? one.name : one.id}`}
                onClick={() => onChange(subjects.filter(({ key }) => key !== one.key))}
              >
                ✕
              </button>
            </p>
          </li>
        ))}
      </ul>
    </div>
  )
}

interface FileButtonProps {
  readonly label: string
  readonly onFiles: (files: readonly NamedFile[]) => void
  readonly camera?: boolean
}

/** A button that opens the chooser of files: the input is there for the keyboard, and looks like a button. */
function FileButton({ label, onFiles, camera = false }: FileButtonProps) {
  return (
    <label class={camera ? 'button camera' : 'button'}>
      {label}
      <input
        type="file"
        accept="image/*"
        multiple={!camera}
        {...(camera && { capture: 'environment' })}
        onChange={(event) => {
          onFiles(chosenFiles(event.currentTarget.files ?? []))
          event.currentTarget.value = ''
        }}
      />
    </label>
  )
}
