/**
 * The counters of a server: a plain object of numbers, which processes can send to each other and add up. The code that
 * does the work adds to a number; everything else happens only when somebody reads the numbers.
 */
import {type WireErrorCode, wireErrorCodes} from '../../protocol/errors.ts';
import {type RequestName, requestKinds} from '../../protocol/messages.ts';
import {type ReadinessState, readinessStates} from '../../protocol/readiness.ts';

/** Names of requests; `classic` means the classic dialogue, `unknown` a kind that the server does not know. */
const requestLabels = [
  // `requestKinds` has exactly these keys.
  ...(Object.keys(requestKinds) as RequestName[]),
  'classic',
  'unknown',
] as const;
export type RequestLabel = (typeof requestLabels)[number];

/** `ok`, the error code that the client got, or `aborted` if the client left first. */
export type RequestOutcome = 'ok' | 'aborted' | WireErrorCode;

/** Upper bounds of the buckets for durations of answers, in seconds. */
export const durationBounds = [0.001, 0.01, 0.1, 1, 10, 60] as const;

export type RequestCounts = {
  outcomes: Record<RequestOutcome, number>;
  /** The number of answers in each bucket: up to its bound and above the bound before. The last bucket has no bound. */
  durations: number[];
  /** The sum over all answers. */
  seconds: number;
};

export type JobCounts = {waiting: number; running: number};

export type Counts = {
  /** Connections with a place now; the other numbers of connections are sums since the start. */
  openConnections: number;
  connections: number;
  refusedConnections: number;
  wrongTokens: number;
  /** Clients that the server closed because they read nothing. */
  stalledClients: number;
  /** How often a disk became slow. */
  diskStalls: number;
  receivedBytes: number;
  sentBytes: number;
  /** Block digests in answers. */
  digests: {known: number; computed: number};
  readiness: Record<ReadinessState, number>;
  /** Jobs that need a thread and run or wait now. */
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

/** Count an answer that has ended. @param ms its duration. */
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

/** Add the difference between `now` and `before`, two counts of one process, to `sum`. */
export function addDifference(sum: Counts, now: Counts, before: Counts): void {
  add(sum, now, before);
}

// A list has indexes as keys, so the same code adds lists.
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

/** The counts of an ended process: its sums stay, and its current numbers become 0. */
export function withoutGauges(counts: Counts): Counts {
  const {jobs, openConnections} = noCounts();
  return {...counts, jobs, openConnections};
}

const labelsOfKinds: ReadonlyMap<number, RequestLabel> = new Map(
  (Object.keys(requestKinds) as RequestName[]).map(name => [requestKinds[name], name]),
);

/** The label for the kind of a request frame. */
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
  // The type of `fromEntries` does not say that every name has a value.
  return Object.fromEntries(names.map(name => [name, value()])) as Record<Name, Value>;
}
