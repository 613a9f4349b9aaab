/** Deadlines of the server, in milliseconds. */
export type Deadlines = {
  /** For each step before the first request: the TLS handshake, the whole preface, the login. */
  prefaceMs: number;
  /** For a whole frame, from its first byte. */
  frameMs: number;
  /** Silence of a connection without a running answer. */
  idleMs: number;
  /** How long a connection must be idle before it loses its place to a newcomer. */
  giveWayMs: number;
  /** How long a client may read none of the bytes that wait for it. */
  stallMs: number;
  /** How long matching a mask may take without progress. */
  maskMs: number;
  /** How long a readiness check of the root may take, and how long its result is valid. */
  lookMs: number;
  /** Time between two progress frames of a long answer. */
  progressMs: number;
  /** How long to wait for a shelf; after that the server computes the digests. */
  shelfMs: number;
  /** Time to deliver the last bytes of a connection that the server ends. */
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
