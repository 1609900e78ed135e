// The first of the two hears of each message first.
import './deadly-search.ts'

import '../../src/adapters/search-threads/set-thread.ts'
