import { MillraceError, show } from '@millrace/core'

/** How fields are set apart. */
export interface CsvDialect {
  /** One ASCII character. Default: a comma. */
  readonly delimiter?: string
  /** One ASCII character that may surround a field; inside, it is written twice. Default: `"`. */
  readonly quote?: string
}

/** A dialect without gaps, checked. */
export type CheckedDialect = Required<CsvDialect>

/** @throws MillraceError `OPTION_INVALID` */
export function checkDialect({ delimiter = ',', quote = '"' }: CsvDialect): CheckedDialect {
  checkCharacter('delimiter', delimiter)
  checkCharacter('quote', quote)
  if (delimiter === quote) {
    throw new MillraceError('OPTION_INVALID', {
      expected: 'a delimiter and a quote that differ',
      came: `${show(delimiter)} for both`,
      todo: 'Change one of them.',
    })
  }
  return { delimiter, quote }
}

function checkCharacter(name: string, character: string): void {
  if (/^[\t\x20-\x7e]$/.test(character)) return
  throw new MillraceError('OPTION_INVALID', {
    expected: `one ASCII character as the ${name}`,
    came: show(character),
    todo: "Write for example ',' or ';' or '\\t'.",
  })
}
