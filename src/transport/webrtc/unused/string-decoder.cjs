/** Stands in for the package `string_decoder`: streams decode text with it, and channels carry bytes here. */

exports.StringDecoder = function StringDecoder() {
  throw new Error('Streams of text are not built into this page.');
};
