/** Stands in for the package `ieee754`: `buffer` reads and writes floating-point numbers with it, and nobody asks for that here. */

function unused() {
  throw new Error('Floating-point numbers in buffers are not built into this page.');
}

module.exports = { read: unused, write: unused };
