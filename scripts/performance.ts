/**
 * Stands in the bundles for the global `performance`, of which they use the clock alone: to make that, Node loads
 * its whole module for measurements.
 */
export const performance = {
  /** Milliseconds of a clock that is never set. */
  now(): number {
    const [seconds, nanoseconds] = globalThis.process.hrtime();
    return seconds * 1000 + nanoseconds / 1e6;
  },
};
