import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { expect, it } from 'vitest'
import { startProgram } from '../run-program.ts'

const PROGRAM = '02-socket-window-word-count/main.ts'

it('when a server sends lines, then windows print the counts of their words, the last one at the end', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo

  const program = startProgram(PROGRAM, ['--hostname', '127.0.0.1', '--port', String(port)])
  const [socket] = (await once(server, 'connection')) as [Socket]
  socket.write('to be or\nnot  to be\n')
  // A window of five seconds ends while the connection is open.
  const early = await program.outputMatches(/"not"[^]*\n/)
  socket.end('be\n')
  const { exitCode, stdout } = await program.ended
  server.close()

  expect(countsIn(early)).toEqual({ to: 2, be: 2, or: 1, not: 1 })
  expect(countsIn(stdout)).toEqual({ to: 2, be: 3, or: 1, not: 1 })
  expect(exitCode).toBe(0)
})

it('when nobody listens, then the program fails and says where it tried', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')

  const program = startProgram(PROGRAM, ['--hostname', '127.0.0.1', '--port', String(port)])
  const { exitCode, stderr } = await program.ended

  expect(stderr).toContain(`SOCKET_FAILED: expected lines of text from 127.0.0.1:${port}`)
  expect(stderr).toContain('refused')
  expect(exitCode).toBe(1)
})

/** A window boundary may fall between two lines, so the counts of one word are added up. */
function countsIn(output: string): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const line of output.trimEnd().split('\n')) {
    const { word, count } = JSON.parse(line) as { word: string; count: number }
    counts[word] = (counts[word] ?? 0) + count
  }
  return counts
}
