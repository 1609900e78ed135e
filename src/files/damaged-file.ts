/** Why a cache file cannot be used. */
export class DamagedFile extends Error {}
