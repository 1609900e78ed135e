import Database from 'better-sqlite3'
import { MIGRATIONS, migrate } from '../../../../src/engine/embedded/store/migrations.ts'

// Brings a file up to date, but dies in the middle of a further step.
const database = new Database(process.argv[2]!)
database.function('die', () => process.kill(process.pid, 'SIGKILL'))
const dying =
  "DELETE FROM records; CREATE TABLE half (done); SELECT 'one'; SELECT die(); SELECT 'two'"
migrate(database, [...MIGRATIONS, dying])
