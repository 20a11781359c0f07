import { MillraceError } from '../../errors/millrace-error.ts'
import type { SocketAddress } from '../platform.ts'

/** The error of a failed connection; `cause` is an error of the system, or says in words what came. */
export function socketError(address: SocketAddress, cause: unknown): MillraceError {
  if (cause instanceof MillraceError) return cause
  const errno = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  const at = `${address.host}:${address.port}`
  return new MillraceError('SOCKET_FAILED', {
    expected: `a connection to ${at}`,
    came: CAUSES[errno] ?? (cause instanceof Error ? cause.message : String(cause)),
    todo: 'Check that a server listens there and that no firewall stands between.',
    ids: { host: address.host, port: address.port, errno },
    cause,
  })
}

const CAUSES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refused: nothing listens on this port',
  ECONNRESET: 'an end without a goodbye: the other side reset the connection',
  EPIPE: 'an end: the other side had closed the connection',
  ETIMEDOUT: 'a timeout: the other side does not answer',
  EHOSTUNREACH: 'no route to this host',
  ENETUNREACH: 'no route to this network',
  ENOTFOUND: 'an unknown host name',
  EAI_AGAIN: 'no answer of the name server',
}
