/** How long the server waits, in milliseconds. */
export type Deadlines = {
  /** For each step before the first request: the TLS handshake, the whole preface, the login. */
  prefaceMs: number;
  /** For a whole frame, from its first byte. */
  frameMs: number;
  /** Silence of a connection that asks for nothing. */
  idleMs: number;
  /** A connection without work, before it gives its place to a newcomer that finds none. */
  giveWayMs: number;
  /** A client that takes none of the bytes that wait for it. */
  stallMs: number;
  /** A mask whose matching shows no life. */
  maskMs: number;
  /** A look at the root when it is asked whether the server is ready; what it found counts as long. */
  lookMs: number;
  /** Between two signs of life in a long answer. */
  progressMs: number;
  /** For what a shelf knows of digests: beyond that, they are computed. */
  shelfMs: number;
  /** For the last bytes of a connection that the server ends. */
  lingerMs: number;
};

export const defaultDeadlines: Readonly<Deadlines> = {
  prefaceMs: 10_000,
  frameMs: 30_000,
  idleMs: 120_000,
  giveWayMs: 1000,
  stallMs: 60_000,
  maskMs: 2000,
  lookMs: 1000,
  progressMs: 1000,
  shelfMs: 5000,
  lingerMs: 2000,
};
