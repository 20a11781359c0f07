import { expect, test } from 'vitest'
import { baseName, folderOf, joinPath } from './paths.ts'

test.each([
  ['out', '.', 'out'],
  ['out/', '.', 'out'],
  ['/out', '/', 'out'],
  ['/a/b', '/a', 'b'],
  ['a//b/', 'a', 'b'],
  ['a/a/a', 'a/a', 'a'],
  ['.', '.', '.'],
  ['/', '/', '/'],
])('when the path is %j, then its folder is %j and its name %j', (path, folder, name) => {
  expect([folderOf(path), baseName(path)]).toEqual([folder, name])
})

test('when a folder ends with a slash, then joining does not double it', () => {
  expect([joinPath('a', 'b'), joinPath('/', 'b')]).toEqual(['a/b', '/b'])
})
