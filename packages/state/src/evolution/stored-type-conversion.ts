// From what a snapshot holds to what the program declares: the type may have changed, and so may have whether the values
// have a time to live.

import {
  describeType,
  type EvolvedType,
  evolveType,
  MillraceError,
  show,
  type StateEvolution,
  type TypeDescriptor,
  type TypeEvolution,
  TypeMismatchError,
  type TypeMigration,
  type ValueConverter,
} from '@millrace/core'

/**
 * The evolution that a descriptor asks for, of what lies `at` a place of the stored type: `[]` for the elements of a list,
 * `{}` for the values of a map, empty for the whole.
 *
 * @throws MillraceError `OPTION_INVALID`
 */
export function evolutionOf(
  { migrate, fieldDefaults = {} }: StateEvolution<unknown>,
  at: string = '',
): TypeEvolution {
  const listed = migrate === undefined ? [] : Array.isArray(migrate) ? migrate : [migrate]
  const migrations = listed as readonly TypeMigration[]
  for (const migration of migrations) checkMigration(migration)
  if (typeof fieldDefaults !== 'object' || fieldDefaults === null) {
    throw new MillraceError('OPTION_INVALID', {
      expected: 'fieldDefaults as an object of paths and values',
      came: show(fieldDefaults),
      todo: "Write for example fieldDefaults: { gate: 'none' }.",
    })
  }
  return { migrations, fieldDefaults, at }
}

/**
 * What turns stored values of a state into declared ones; undefined if they stay as they are. What it throws names the state.
 *
 * @throws MillraceError `STATE_INCOMPATIBLE` if there is no way from one type to the other.
 */
export function conversionOf(
  stateName: string,
  what: string,
  stored: TypeDescriptor,
  declared: TypeDescriptor,
  evolution?: TypeEvolution,
): ValueConverter | undefined {
  const way: EvolvedType = evolveType(stored, declared, evolution)
  if (!way.isPossible) throw noWay(stateName, what, stored, declared, way.difference)
  const { convert } = way
  if (convert === undefined) return undefined
  return (value) => {
    try {
      return convert(value)
    } catch (error) {
      throw conversionFailure(stateName, declared, error)
    }
  }
}

/** The error for state in a checkpoint that the declared one cannot be made of. */
export function incompatibleState(
  name: string,
  what: string,
  wanted: string,
  came: string,
  detail: string = '',
  todo: string = `Declare the state with the ${what} of the checkpoint again, or give the new state another name and ` +
    'fill it from the old one.',
): MillraceError {
  return new MillraceError('STATE_INCOMPATIBLE', {
    expected: `the state ${show(name)} to have the ${what} ${wanted} that the job declares`,
    came: `${came} in the checkpoint${detail}`,
    todo,
    ids: { state: name },
  })
}

function noWay(
  name: string,
  what: string,
  stored: TypeDescriptor,
  declared: TypeDescriptor,
  { path, reason }: { readonly path: string; readonly reason: string },
): MillraceError {
  const place = path === '' ? '' : `field "${path}": `
  const advice =
    what === 'key type'
      ? 'Declare the key type of the checkpoint again: keys can only be widened, since they decide where state lies.'
      : 'Give its descriptor a migration, migrate: migrateFrom(FormerType, (old) => …), or fieldDefaults for ' +
        'fields that are new, or declare the former type again, or give the new state another name.'
  return incompatibleState(
    name,
    what,
    describeType(declared),
    describeType(stored),
    `: ${place}${reason}`,
    advice,
  )
}

function conversionFailure(name: string, declared: TypeDescriptor, error: unknown): MillraceError {
  if (error instanceof TypeMismatchError) {
    return new MillraceError('STATE_INCOMPATIBLE', {
      expected: `the restored values of the state ${show(name)} to become ${describeType(declared)}`,
      came: `one that does not fit: ${error.reason}`,
      todo: 'Make the declared type wider, or give the descriptor a migration whose results fit it.',
      ids: { state: name },
      cause: error,
    })
  }
  if (error instanceof MillraceError) return error
  return new MillraceError('FUNCTION_FAILED', {
    expected: `the migration of the state ${show(name)} to answer a value of type ${describeType(declared)}`,
    came: error instanceof Error ? error.message : show(error),
    todo: 'Correct the migration function in the descriptor of the state.',
    ids: { state: name },
    cause: error,
    isRetryable: false,
  })
}

function checkMigration(migration: TypeMigration): void {
  const { from, with: convert } = (migration ?? {}) as Partial<TypeMigration>
  if (typeof from === 'object' && from !== null && typeof convert === 'function') return
  throw new MillraceError('OPTION_INVALID', {
    expected:
      'a migration with the former type and a function: { from: FormerType, with: (old) => … }',
    came: show(migration),
    todo: 'Write for example migrate: migrateFrom(FormerType, (old) => ({ ...old, gate: old.door })).',
  })
}
