// Loaded before a program that runs from sources, by `node --import`: keeps what Node makes of each source file, so
// that the next start takes less than half the time.

import { enableCompileCache } from 'node:module'

enableCompileCache()
