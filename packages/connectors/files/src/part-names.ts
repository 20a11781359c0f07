// How the files of a sink are called:
//
//   <bucket>/.part-<subtask>-<run>-<attempt>-<number>.pending    hidden until its checkpoint is complete
//   <bucket>/ part-<subtask>-<run>-<attempt>-<number><suffix>    visible, and never changed again
//
// Run and attempt make every name new, so no start of a job ever writes into a file of another.

import { joinPath } from './paths.ts'

/** What all part files of a sink share. */
export interface PartNaming {
  readonly directory: string
  readonly prefix: string
  readonly suffix: string
}

/** Who writes a part file. */
export interface PartWriter {
  readonly subtaskIndex: number
  readonly runId: string
  readonly attempt: number
}

/** The two paths of a part file. What a committer needs; kept in checkpoints. */
export type PartPaths = { readonly pending: string; readonly final: string }

/** Who wrote a part, by its name. */
export interface PartOrigin {
  readonly subtaskIndex: number
  readonly run: string
  readonly attempt: number
  readonly number: number
}

/** The paths of the part with this number (from 0, over all buckets) of one writer. */
export function partPaths(
  naming: PartNaming,
  writer: PartWriter,
  { number, bucket }: { readonly number: number; readonly bucket: string },
): PartPaths {
  const { prefix, suffix } = naming
  const run = runOf(writer.runId)
  const stem = `${prefix}-${writer.subtaskIndex}-${run}-${writer.attempt}-${number}`
  const folder = bucketFolder(naming, bucket)
  return {
    pending: joinPath(folder, `.${stem}${PENDING_SUFFIX}`),
    final: joinPath(folder, `${stem}${suffix}`),
  }
}

/** The folder of a bucket; `''` is the sink's own. */
export function bucketFolder({ directory }: PartNaming, bucket: string): string {
  return bucket === '' ? directory : joinPath(directory, bucket)
}

/** Who wrote a pending file, by its name; `undefined` for a name that is none of this sink. */
export function pendingPartOrigin(naming: PartNaming, fileName: string): PartOrigin | undefined {
  const start = `.${naming.prefix}-`
  if (!fileName.startsWith(start) || !fileName.endsWith(PENDING_SUFFIX)) return undefined
  const middle = fileName.slice(start.length, -PENDING_SUFFIX.length)
  const match = /^(\d+)-([^-]+)-(\d+)-(\d+)$/.exec(middle)
  if (match === null) return undefined
  return {
    subtaskIndex: Number(match[1]),
    run: match[2] as string,
    attempt: Number(match[3]),
    number: Number(match[4]),
  }
}

/** The part of a run id that stands in names: enough to keep the runs over one folder apart. */
export function runOf(runId: string): string {
  return runId.replaceAll(/\W/g, '').slice(0, RUN_ID_CHARS)
}

const PENDING_SUFFIX = '.pending'
const RUN_ID_CHARS = 8
