/**
 * Replaces the global `performance` in the bundles, which use only its clock: for the global one, Node would load its whole
 * module for measurements.
 */
export const performance = {
  /** Milliseconds of a monotonic clock. */
  now(): number {
    const [seconds, nanoseconds] = globalThis.process.hrtime();
    return seconds * 1000 + nanoseconds / 1e6;
  },
};
