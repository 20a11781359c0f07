import { describe, expect, test } from 'vitest'
import { checkFaultPlan, type FaultPlan } from './fault-plan.ts'

const always = { min: 1, max: 2 }

describe('checkFaultPlan', () => {
  test('when every fault is planned with good numbers, then it agrees', () => {
    const plan: FaultPlan = {
      crashes: { count: always, withinMs: always, downMs: always },
      disk: {
        latencyMs: always,
        slow: { everyMs: always, forMs: always, factor: 10 },
        full: { everyMs: always, forMs: always },
        capacityBytes: 1,
        writeErrorChance: 1,
        losesUnsynced: false,
      },
      network: { delayMs: { min: 0, max: 0 }, stragglers: { chance: 1, delayMs: always } },
      clock: { driftMax: 0.1, jumps: { everyMs: always, byMs: { min: -10, max: 10 } } },
      untilMs: 0,
    }
    expect(() => checkFaultPlan(plan)).not.toThrow()
  })

  test.each<FaultPlan>([
    { untilMs: -1 },
    { crashes: { count: { min: 2, max: 1 }, withinMs: always } },
    { crashes: { count: always, withinMs: { min: -1, max: 1 } } },
    { crashes: { count: always, withinMs: always, downMs: { min: 0, max: Number.NaN } } },
    { disk: { latencyMs: { min: 0, max: Number.POSITIVE_INFINITY } } },
    { disk: { slow: { everyMs: { min: 0, max: 1 }, forMs: always, factor: 2 } } },
    { disk: { slow: { everyMs: always, forMs: always, factor: 0.5 } } },
    { disk: { capacityBytes: -1 } },
    { disk: { writeErrorChance: 1.5 } },
    { network: { delayMs: { min: 2, max: 1 } } },
    { network: { stragglers: { chance: 2, delayMs: always } } },
    { network: { stragglers: { chance: 1, delayMs: { min: 2, max: 1 } } } },
    { clock: { driftMax: 0.6 } },
    { clock: { jumps: { everyMs: { min: 0, max: 0 }, byMs: always } } },
  ])('when the plan is %j, then it refuses', (plan) => {
    expect(() => checkFaultPlan(plan)).toThrow(/OPTION_INVALID: expected faults\./)
  })
})
