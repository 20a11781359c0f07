// Long functions and long files: a list to read at review, never a failure. Ask of each: can I name the second half?

import { type Finding, type Repository, sourcesOf } from './repository.ts'

const FUNCTION_LINES_USUAL_MAX = 70
const FILE_LINES_USUAL_MAX = 600

/** Functions and files that are longer than usual. Tests are not measured. */
export function listSizes(repository: Repository): readonly Finding[] {
  return sourcesOf(repository)
    .filter((path) => !path.endsWith('.test.ts'))
    .flatMap((path) => {
      const text = repository.read(path)
      const lineCount = text.trimEnd().split('\n').length
      const file = lineCount > FILE_LINES_USUAL_MAX ? [{ path, message: `${lineCount} lines` }] : []
      const functions = repository
        .syntax(path)
        .functions.filter((each) => each.lineCount > FUNCTION_LINES_USUAL_MAX)
        .map(({ text: name, line, lineCount: count }) => ({
          path,
          line,
          message: `${name} has ${count} lines`,
        }))
      return [...file, ...functions]
    })
}
