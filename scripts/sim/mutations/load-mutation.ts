// Imported before a program, by `--import`: changes the source of one file when it is loaded. The name of the mutation comes
// from the environment of the process.

import { registerHooks } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ROOT } from '../../run-command.ts'
import { mutated } from './mutated.ts'
import { MUTATIONS } from './mutations.ts'

const name = process.env['MILLRACE_SIM_MUTATION']
const mutation = MUTATIONS.find((one) => one.name === name)
if (mutation === undefined) throw new Error(`there is no mutation ${JSON.stringify(name)}`)

const mutatedUrl = pathToFileURL(join(ROOT, mutation.file)).href
let isLoaded = false

registerHooks({
  load: (url, context, nextLoad) => {
    const loaded = nextLoad(url, context)
    if (url !== mutatedUrl) return loaded
    isLoaded = true
    return {
      ...loaded,
      source: mutated(mutation, new TextDecoder().decode(bytesOf(loaded.source))),
    }
  },
})

process.on('exit', () => {
  if (!isLoaded) console.error(`${mutation.file} was not loaded, so nothing was mutated`)
})

function bytesOf(source: string | ArrayBuffer | NodeJS.TypedArray | undefined): Uint8Array {
  if (typeof source === 'string') return new TextEncoder().encode(source)
  if (source instanceof ArrayBuffer) return new Uint8Array(source)
  if (source === undefined) throw new Error(`${mutatedUrl} has no source`)
  return new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
}
