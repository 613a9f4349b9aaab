/**
 * What a server counts of its work, as a plain object of numbers, which may be sent from one process to another and added up. Whoever
 * does the work counts it, with one addition; nothing else is done before somebody asks for the numbers.
 */
import {type WireErrorCode, wireErrorCodes} from '../../protocol/errors.ts';
import {type RequestName, requestKinds} from '../../protocol/messages.ts';
import {type ReadinessState, readinessStates} from '../../protocol/readiness.ts';

/** Requests by name; `classic`: one of the classic dialogue, `unknown`: of a kind that there is not. */
const requestLabels = [
  // The keys of an object that has no others.
  ...(Object.keys(requestKinds) as RequestName[]),
  'classic',
  'unknown',
] as const;
export type RequestLabel = (typeof requestLabels)[number];

/** `ok`, the error that the client was told, or `aborted`: it left before. */
export type RequestOutcome = 'ok' | 'aborted' | WireErrorCode;

/** Upper bounds of the times that answers take, in seconds. */
export const durationBounds = [0.001, 0.01, 0.1, 1, 10, 60] as const;

export type RequestCounts = {
  outcomes: Record<RequestOutcome, number>;
  /** Answers that took no longer than the bound of that place, and longer than the one before; then those above all. */
  durations: number[];
  /** Of all answers together. */
  seconds: number;
};

export type JobCounts = {waiting: number; running: number};

export type Counts = {
  /** Connections that have a place now; the others are sums since the start. */
  openConnections: number;
  connections: number;
  refusedConnections: number;
  wrongTokens: number;
  /** Clients that took no bytes and were closed. */
  stalledClients: number;
  /** Times that a disk became slow. */
  diskStalls: number;
  receivedBytes: number;
  sentBytes: number;
  /** Digests of blocks for answers. */
  digests: {known: number; computed: number};
  readiness: Record<ReadinessState, number>;
  /** Long work that needs a thread, now. */
  jobs: {hash: JobCounts; search: JobCounts};
  requests: Record<RequestLabel, RequestCounts>;
};

export function noCounts(): Counts {
  return {
    openConnections: 0,
    connections: 0,
    refusedConnections: 0,
    wrongTokens: 0,
    stalledClients: 0,
    diskStalls: 0,
    receivedBytes: 0,
    sentBytes: 0,
    digests: {known: 0, computed: 0},
    readiness: zeros(readinessStates),
    jobs: {hash: {waiting: 0, running: 0}, search: {waiting: 0, running: 0}},
    requests: recordOf(requestLabels, () => ({
      outcomes: zeros(['ok', 'aborted', ...wireErrorCodes]),
      durations: [...durationBounds, Number.POSITIVE_INFINITY].map(() => 0),
      seconds: 0,
    })),
  };
}

/** An answer has ended. @param ms since it was begun. */
export function countAnswer(
  {requests}: Counts,
  label: RequestLabel,
  outcome: RequestOutcome,
  ms: number,
): void {
  const counts = requests[label];
  const seconds = ms / 1000;
  let place = 0;
  while (seconds > (durationBounds[place] ?? Number.POSITIVE_INFINITY)) {
    place++;
  }

  counts.outcomes[outcome]++;
  counts.durations[place] = (counts.durations[place] ?? 0) + 1;
  counts.seconds += seconds;
}

type Numbers = {[name: string]: number | Numbers};

/** Add to `sum` what `now` has more than `before`: both are of one process. */
export function addDifference(sum: Counts, now: Counts, before: Counts): void {
  add(sum, now, before);
}

// Lists are of numbers, too, with their places as names.
function add(sum: object, now: object, before: object): void {
  const [sums, nows, befores] = [sum, now, before] as [Numbers, Numbers, Numbers];
  for (const name of Object.keys(nows)) {
    const [old, more, less] = [sums[name], nows[name], befores[name]];
    if (typeof old === 'number' && typeof more === 'number' && typeof less === 'number') {
      sums[name] = old + more - less;
    } else if (typeof old === 'object' && typeof more === 'object' && typeof less === 'object') {
      add(old, more, less);
    }
  }
}

/** The counts of a process that has ended: its sums stay, and nothing is open or runs there. */
export function withoutGauges(counts: Counts): Counts {
  const {jobs, openConnections} = noCounts();
  return {...counts, jobs, openConnections};
}

const labelsOfKinds: ReadonlyMap<number, RequestLabel> = new Map(
  (Object.keys(requestKinds) as RequestName[]).map(name => [requestKinds[name], name]),
);

/** The label of a frame's kind. */
export function labelOf(kind: number): RequestLabel {
  return labelsOfKinds.get(kind) ?? 'unknown';
}

function zeros<Name extends string>(names: readonly Name[]): Record<Name, number> {
  return recordOf(names, () => 0);
}

function recordOf<Name extends string, Value>(
  names: readonly Name[],
  value: () => Value,
): Record<Name, Value> {
  // Of each name there is one, which the type of fromEntries does not say.
  return Object.fromEntries(names.map(name => [name, value()])) as Record<Name, Value>;
}
