// Writes docs/reference/errors.md. `npm run docs:errors`

import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ROOT } from './run-command.ts'
import { ERROR_REFERENCE, printErrorReference } from './tidy/error-reference.ts'
import { openRepository } from './tidy/repository.ts'

const path = join(ROOT, ERROR_REFERENCE)
mkdirSync(dirname(path), { recursive: true })
writeFileSync(path, printErrorReference(openRepository(ROOT)))
console.log(`wrote ${ERROR_REFERENCE}`)
