/** Stands in for the package `base64-js`: `buffer` writes base64 with it, and nobody asks for that here. */

function unused() {
  throw new Error('Base64 is not built into this page.');
}

module.exports = { byteLength: unused, toByteArray: unused, fromByteArray: unused };
