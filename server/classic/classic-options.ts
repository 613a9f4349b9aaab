export type ClassicOptions = {
  /** Milliseconds between two messages, so that each arrives as a segment of its own. */
  pauseMs: number;
};

/** Long enough on a local network. */
export const defaultPauseMs = 25;
