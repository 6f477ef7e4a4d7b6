/** Stands in for the parts of `readable-stream` beyond the duplex stream that simple-peer is: transforms, pipelines, iteration. */

module.exports = function unused() {
  throw new Error('This part of streams is not built into this page.');
};
