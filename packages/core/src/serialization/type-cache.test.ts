import { describe, expect, test } from 'vitest'
import type { TypeDescriptor } from '../types/type-info.ts'
import { Types } from '../types/types.ts'
import { TypeCache } from './type-cache.ts'

describe('TypeCache', () => {
  test('when more types come than it holds, then the oldest is built again and the rest kept', () => {
    const built: TypeDescriptor[] = []
    const cache = new TypeCache((type) => built.push(type), 2)
    for (const type of [Types.int, Types.long, Types.int, Types.double, Types.long, Types.int]) {
      cache.get(type)
    }
    expect(built.map((type) => type.kind)).toEqual(['int', 'long', 'double', 'int'])
  })
})
