/** Stands in for the package `debug`, whose log of simple-peer nobody reads in a page. */

// The package is imported by its default export.
// oxlint-disable-next-line import/no-default-export
export default function createDebug(): () => void {
  return () => {};
}
