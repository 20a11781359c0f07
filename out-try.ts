import { fuzzRun } from './scripts/fuzz/fuzz-run.ts'
import { FUZZ_TARGETS } from './scripts/fuzz/targets.ts'
import { writeFileSync } from 'node:fs'
const [name, secs='5', seed='1'] = process.argv.slice(2)
for (const target of FUZZ_TARGETS) {
  if (name !== 'all' && target.name !== name) continue
  const t0 = performance.now()
  const r = await fuzzRun({ target, seed: Number(seed), goesOn: () => performance.now() - t0 < Number(secs) * 1000 , onInput: (i) => (globalThis as any).last = i})
  console.log(r.target, r.executions, r.outcomes.size)
  if (name !== 'all') console.log(r.outcomes)
  if (r.failure) { console.log(r.failure.problem.slice(0, 3000)); writeFileSync('/tmp/fail.bin', r.failure.input) }
}
