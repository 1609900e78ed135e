import type { Command } from 'commander'
import { checkCollectionName } from '../../engine/collection-spec.ts'
import { type IdentityValue, identityOfText } from '../../engine/identity-value.ts'
import { plainText } from '../../text-table.ts'
import type { BackendOptions } from '../backend/backend-options.ts'
import { choice } from '../options.ts'

const TYPES = ['text', 'number', 'boolean'] as const

/** The type of the identities that a command names. */
export interface TypeOptions {
  readonly type?: (typeof TYPES)[number]
}

export interface IdentityOptions extends BackendOptions, TypeOptions {
  readonly collection: string
  readonly json?: true
}

/** Adds a command on the identities of a collection. */
export function addedIdentityCommand(identities: Command, name: string, about: string): Command {
  return identities
    .command(name)
    .description(about)
    .requiredOption('--collection <name>', 'with an identity field')
    .option('--json', 'print the answer as JSON')
}

/** Adds the option for identities that are no text. */
export function withType(command: Command): Command {
  return command.addOption(choice('--type <kind>', 'of the identities named here (text)', TYPES))
}

/** Reads an identity of the command line. @throws INVALID_REQUEST for text that is no value of the type. */
export function identityOf(text: string, { type }: TypeOptions): IdentityValue {
  return identityOfText(text, type)
}

/** Gives the place of the identities of a collection, or what lies below it. */
export function placeOf({ collection }: IdentityOptions, ...below: readonly string[]) {
  return ['v1', 'collections', checkCollectionName(collection), 'identities', ...below]
}

/** Gives the place of one identity. */
export function onePlaceOf(text: string, options: IdentityOptions) {
  const query: Record<string, string> = options.type === undefined ? {} : { type: options.type }
  return { path: placeOf(options, text), query }
}

/** Writes an identity for people, those that are no text as such. */
export function identityText(identity: unknown): string {
  return plainText(typeof identity === 'string' ? identity : JSON.stringify(identity))
}
