// All that reads bytes or text from outside: see docs/design/0029-hostile-bytes.md for what is left out, and why.

import type { FuzzTarget } from './fuzz-target.ts'
import { framesTarget } from './targets/frames.ts'
import { metadataTarget } from './targets/metadata.ts'
import { keyedSnapshotTarget, operatorSnapshotTarget } from './targets/snapshots.ts'

/** Every target, in the order in which they run. */
export const FUZZ_TARGETS: readonly FuzzTarget[] = [
  framesTarget,
  keyedSnapshotTarget,
  operatorSnapshotTarget,
  metadataTarget,
]
