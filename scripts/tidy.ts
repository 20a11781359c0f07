// The repository tests itself: rules that are about the whole and that no other tool knows.

import { ROOT } from './run-command.ts'
import { checkCircles } from './tidy/circles.ts'
import { checkDocs } from './tidy/docs.ts'
import { checkErrorReference } from './tidy/error-reference.ts'
import { checkFeatures } from './tidy/features.ts'
import { checkLayers } from './tidy/layers.ts'
import { checkLeftovers } from './tidy/leftovers.ts'
import { checkLock, checkManifests, checkPublishing } from './tidy/manifests.ts'
import { checkNames } from './tidy/names.ts'
import { type Finding, openRepository, type Rule } from './tidy/repository.ts'
import { listSizes } from './tidy/sizes.ts'

const RULES: readonly Rule[] = [
  checkLayers,
  checkCircles,
  checkManifests,
  checkPublishing,
  checkLock,
  checkNames,
  checkLeftovers,
  checkDocs,
  checkErrorReference,
  checkFeatures,
]

const repository = openRepository(ROOT)
const findings = RULES.flatMap((rule) => rule(repository))
const sizes = listSizes(repository)

if (sizes.length > 0) console.log('Longer than usual; read these at review:')
for (const size of sizes) console.log(`  ${show(size)}`)
for (const finding of findings) console.log(show(finding))
console.log(`${findings.length} findings in ${repository.paths.length} files`)
if (findings.length > 0) process.exitCode = 1

function show({ path, line, message }: Finding): string {
  return `${path}${line === undefined ? '' : `:${line}`}: ${message}`
}
