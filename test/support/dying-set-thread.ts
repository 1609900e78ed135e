// The first of the two hears of each message first.
import './deadly-search.ts'

import '../../src/engine/embedded/identities/set-thread.ts'
