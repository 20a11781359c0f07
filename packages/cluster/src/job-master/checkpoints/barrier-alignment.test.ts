import { describe, expect, test } from 'vitest'
import { barrierAlignment } from './barrier-alignment.ts'

const settings = { mode: 'exactly-once', isUnaligned: true, alignedTimeoutMs: 0 } as const

describe('barrierAlignment', () => {
  test('a checkpoint is taken as the settings say', () => {
    expect(barrierAlignment('checkpoint', settings)).toEqual({ alignment: 'unaligned' })
    expect(barrierAlignment('checkpoint', { ...settings, alignedTimeoutMs: 40 })).toEqual({
      alignment: 'aligned',
      alignedTimeoutMs: 40,
    })
    expect(barrierAlignment('checkpoint', { ...settings, isUnaligned: false })).toEqual({
      alignment: 'aligned',
    })
    const counted = { ...settings, mode: 'at-least-once', isUnaligned: false } as const
    expect(barrierAlignment('checkpoint', counted)).toEqual({ alignment: 'at-least-once' })
  })

  test('savepoints, final checkpoints and those without settings are aligned', () => {
    const aligned = { alignment: 'aligned' }
    expect(barrierAlignment('savepoint', { ...settings, alignedTimeoutMs: 40 })).toEqual(aligned)
    expect(barrierAlignment('final', settings)).toEqual(aligned)
    expect(barrierAlignment('final', null)).toEqual(aligned)
  })
})
