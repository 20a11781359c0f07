import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { canCompile, compile } from './dynamic-code.ts'

describe('compile', () => {
  test('when a function is compiled, then it sees its scope by name', () => {
    const add = compile<(value: number) => number>({ base: 40 }, 'function (x) { return base + x }')
    expect(canCompile()).toBe(true)
    expect(add(2)).toBe(42)
  })

  test('when the process forbids code from text, then types are read and written all the same', () => {
    const index = new URL('../index.ts', import.meta.url).href
    const program = `
      import { FrameBuffer, frameCodec, Types, valueReader } from ${JSON.stringify(index)}
      let isForbidden = false
      try { new Function('') } catch { isForbidden = true }
      const type = Types.record({ id: Types.int, tags: Types.array(Types.string), rest: Types.any() })
      const records = [1, 2, 3, 4, 5].map((id) => valueReader(type)({ id, tags: ['é'], rest: { a: id } }))
      const frame = new FrameBuffer(new ArrayBuffer(64))
      frameCodec(type).encode(frame, 0, records, new Float64Array(5), 5)
      const read = []
      frameCodec(type).decode(frame, 0, read, new Float64Array(5))
      console.log(JSON.stringify({ isForbidden, last: read[4] }))`
    const output = execFileSync(
      process.execPath,
      ['--disallow-code-generation-from-strings', '--input-type=module', '--eval', program],
      { cwd: fileURLToPath(new URL('.', import.meta.url)), encoding: 'utf8' },
    )
    expect(JSON.parse(output)).toEqual({
      isForbidden: true,
      last: { id: 5, tags: ['é'], rest: { a: 5 } },
    })
  })
})
