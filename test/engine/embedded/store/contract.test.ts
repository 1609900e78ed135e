import { describeRecordStore } from '../../../support/describe-record-store.ts'
import { openSqliteStore } from '../../../support/open-sqlite-store.ts'

describeRecordStore('SQLite record store', openSqliteStore)
