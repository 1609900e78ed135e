/**
 * Changes from which a tree's file is out of date: it is written anew, and a start does not use it. To make up for
 * more than a tenth soon takes an M-tree as long as to be built (bench/tree-files.ts); a thousand take no time to speak of.
 */
export function toleratedChanges(records: number): number {
  return Math.max(1000, 0.1 * records)
}
