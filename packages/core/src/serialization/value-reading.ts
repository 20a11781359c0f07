/**
 * Turns an untrusted value into a value of the type.
 *
 * @throws TypeMismatchError whose `reason` names the field, for example `field "delay": expected int, got "late"`.
 */
export type ValueReader<T> = (value: unknown) => T
