// All that reads bytes or text from outside: see docs/design/0029-hostile-bytes.md for what is left out, and why.

import type { FuzzTarget } from './fuzz-target.ts'
import { framesTarget, untypedTarget } from './targets/frames.ts'
import { gzipTarget } from './targets/gzip.ts'
import { metadataTarget } from './targets/metadata.ts'
import { recordTargets } from './targets/records.ts'
import { restoredTarget } from './targets/restored.ts'
import { keyedSnapshotTarget, operatorSnapshotTarget, tapeTarget } from './targets/snapshots.ts'
import { textsTarget, typesTarget } from './targets/texts.ts'

/** Every target, in the order in which they run. */
export const FUZZ_TARGETS: readonly FuzzTarget[] = [
  framesTarget,
  untypedTarget,
  keyedSnapshotTarget,
  operatorSnapshotTarget,
  tapeTarget,
  metadataTarget,
  restoredTarget,
  typesTarget,
  ...recordTargets,
  gzipTarget,
  textsTarget,
]
