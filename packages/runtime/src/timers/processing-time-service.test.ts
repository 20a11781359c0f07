import { ManualTime } from '@millrace/testing'
import { describe, expect, test } from 'vitest'
import { ProcessingTimeService } from './processing-time-service.ts'

function setUp(): { time: ManualTime; service: ProcessingTimeService; mail: (() => void)[] } {
  const time = new ManualTime(1_000)
  const mail: (() => void)[] = []
  const service = new ProcessingTimeService(time, time, (each) => mail.push(each))
  return { time, service, mail }
}

function runMail(mail: (() => void)[]): void {
  for (const each of mail.splice(0)) each()
}

describe('ProcessingTimeService', () => {
  test('when an alarm is due, then it runs as mail, once', () => {
    const { time, service, mail } = setUp()
    const calls: number[] = []
    service.at(1_500, () => calls.push(service.now()))
    time.advanceTo(1_499)
    expect(mail).toHaveLength(0)
    time.advanceTo(1_700)
    expect(calls).toEqual([])
    runMail(mail)
    expect(calls).toEqual([1_700])
    time.advanceTo(9_000)
    expect(mail).toHaveLength(0)
  })

  test('when an alarm lies in the past, then it runs with the next mail', () => {
    const { time, service, mail } = setUp()
    const calls: string[] = []
    service.at(0, () => calls.push('past'))
    time.advanceBy(0)
    runMail(mail)
    expect(calls).toEqual(['past'])
  })

  test('when it is canceled, then it does not run, not even if its mail is on the way', () => {
    const { time, service, mail } = setUp()
    const timer = service.at(1_100, () => expect.unreachable('canceled'))
    time.advanceTo(1_200)
    timer.cancel()
    timer.cancel()
    runMail(mail)
  })

  test('when the calendar is set back, then an alarm waits for its time and a delay does not', () => {
    const { time, service, mail } = setUp()
    const calls: string[] = []
    service.at(1_500, () => calls.push('alarm'))
    service.after(500, () => calls.push('delay'))
    time.setCalendar(0)
    time.advanceBy(500)
    runMail(mail)
    expect(calls).toEqual(['delay'])
    time.advanceTo(1_500)
    runMail(mail)
    expect(calls).toEqual(['delay', 'alarm'])
  })

  test('when an alarm is farther away than timers reach, then it runs at its time', () => {
    const { time, service, mail } = setUp()
    const calls: number[] = []
    const yearMs = 365 * 86_400_000
    service.at(yearMs, () => calls.push(service.now()))
    for (let step = 1; step <= 100; step++) {
      time.advanceTo((yearMs * step) / 100)
      runMail(mail)
    }
    expect(calls).toEqual([yearMs])
  })

  test('when it is closed, then no alarm runs and none is set', () => {
    const { time, service, mail } = setUp()
    service.at(1_100, () => expect.unreachable('closed'))
    service.at(1_050, () => expect.unreachable('closed while its mail is on the way'))
    time.advanceTo(1_060)
    service.close()
    service.after(10, () => expect.unreachable('set after the end')).cancel()
    service.after(10, () => expect.unreachable('set after the end'))
    time.advanceTo(2_000)
    runMail(mail)
  })
})
