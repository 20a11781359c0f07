// The checks of core, under the name by which the API knows them.

export { checkFactory, checkFunction, checkMethods } from '@millrace/core'
