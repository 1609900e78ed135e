import { readdir, stat } from 'node:fs/promises'
import { join, posix } from 'node:path'
import { Exclusion } from '../collection/import/exclusion.ts'
import { pathId } from '../collection/import/path-id.ts'
import { compareIds } from '../engine/collection-spec.ts'
import { AppError, shown } from '../errors.ts'
import { type FolderEntry, type FoundFile, lookAt, lookInto, type Place } from './folder-entry.ts'
import { unreadable } from './image-files.ts'

export interface WalkOptions {
  /** A real path that no link may lead out of; null: they may lead anywhere. */
  readonly within?: string | null
  /** By default that of DEFAULT_EXCLUDES. */
  readonly exclusion?: Exclusion
}

interface Walk extends Required<WalkOptions> {
  /** The real folders that were walked. */
  readonly walked: Set<string>
}

/**
 * Gives what lies below a folder, in the order of ids: images, and with its reason what is left out. A file is an image when
 * it is named like one, or else when its first bytes are those of one. Links are followed; each real folder is walked once,
 * so that links in a circle end. Of files whose names are one name in several Unicode forms, one is taken.
 */
export async function* walkImages(
  folder: string,
  { within = null, exclusion = new Exclusion() }: WalkOptions = {},
): AsyncGenerator<FoundFile> {
  const walk = { within, exclusion, walked: new Set<string>() }
  yield* walkFolders([{ asFound: '', path: folder }], '.', walk)
}

/** Walks the folders of one id: several, where their names are one name in several Unicode forms. */
async function* walkFolders(
  folders: readonly Place[],
  id: string,
  walk: Walk,
): AsyncGenerator<FoundFile> {
  let entries: FolderEntry[] = []
  for (const folder of folders) {
    const listed = await entriesOf(folder, id, walk)
    if ('kind' in listed) yield listed
    else entries = entries.concat(listed)
  }
  // With its slash a folder sorts where the ids below it do. The name that is in the form of ids comes first.
  entries.sort((a, b) => compareIds(a.id, b.id) || Number(isInForm(b)) - Number(isInForm(a)))
  for (let i = 0, next = 0; i < entries.length; i = next) {
    const { id } = entries[i]!
    while (entries[next]?.id === id) next++
    yield* entriesOfOneId(entries.slice(i, next), id, walk)
  }
}

async function* entriesOfOneId(
  entries: readonly FolderEntry[],
  id: string,
  walk: Walk,
): AsyncGenerator<FoundFile> {
  const folders: Place[] = []
  let isTaken = false
  for (const entry of entries) {
    if (entry.is === 'folder') {
      folders.push(entry)
      continue
    }
    const file = entry.is === 'file' ? await lookInto(entry, id) : entry.is
    yield file.kind === 'image' && isTaken ? twin(id, entry) : file
    isTaken ||= file.kind === 'image'
  }
  if (folders.length > 0) yield* walkFolders(folders, id, walk)
}

/** Lists a folder; gives why it is not walked where it is not. */
async function entriesOf(
  { asFound, path }: Place,
  id: string,
  walk: Walk,
): Promise<readonly FolderEntry[] | FoundFile> {
  try {
    const { dev, ino } = await stat(path)
    if (walk.walked.has(`${dev}:${ino}`)) {
      return { kind: 'leftOut', id, reason: 'a folder that comes under another name' }
    }
    walk.walked.add(`${dev}:${ino}`)
    const entries: FolderEntry[] = []
    for (const entry of await readdir(path, { withFileTypes: true })) {
      const { name } = entry
      const place = { asFound: posix.join(asFound, name), path: join(path, name) }
      entries.push(await lookAt(entry, place, walk))
    }
    return entries
  } catch (cause) {
    return { kind: 'unreadable', id, error: unreadable(path, cause) }
  }
}

function isInForm({ asFound }: Place): boolean {
  return pathId(asFound) === asFound
}

function twin(id: string, { asFound }: Place): FoundFile {
  const names = `${shown(id)} in one Unicode form of the name`
  const message = `expected one file of ${names}, got another (${shown(asFound)}): remove or rename one`
  return { kind: 'unreadable', id, error: new AppError('DUPLICATE_ID', message) }
}
