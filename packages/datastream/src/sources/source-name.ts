// A source in a plan is called `Source: flights`, and in accumulators and messages just `flights`.

const PREFIX = 'Source: '

/** What the operator of a source is called, until the program gives it another name. */
export function sourceOperatorName(name: string): string {
  return `${PREFIX}${name}`
}

/** The name of a source by that of its operator. */
export function sourceNameOf(operatorName: string): string {
  return operatorName.startsWith(PREFIX) ? operatorName.slice(PREFIX.length) : operatorName
}
