// A dependency of the old kind.
const { join } = require('node:path')

module.exports = { half: (value) => value / 2, here: join(__dirname, 'half.cjs') }
