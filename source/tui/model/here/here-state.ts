/** The state of the local copy of a server's file: from the disk, from comparisons, and from the queue. */
import type {CopyJudgement} from '../../../transfers/download/here/judge-copy.ts';
import type {TransferSnapshot} from '../../../transfers/queue/queue.ts';
import {arrivedBytes} from '../../../transfers/terms/download-event.ts';
import {percentOf} from '../../text/format.ts';

/** `stuck`: the disk does not answer. `unknown`: the disk was not read yet. `percent`: a whole number. */
export type HereState = {
  readonly name:
    | CopyJudgement['name']
    | 'queued'
    | 'fetching'
    | 'checking'
    | 'finishing'
    | 'paused'
    | 'failed'
    | 'stuck'
    | 'unknown';
  readonly percent: number | undefined;
};

/**
 * The state of one file. While the queue works on the file, the queue decides; afterwards the disk does.
 *
 * @param judged undefined: the disk was not read yet.
 */
export function hereState(
  judged: CopyJudgement | undefined,
  transfer: TransferSnapshot | undefined,
  isStuck: boolean,
): HereState {
  const working = transfer === undefined ? undefined : workState(transfer);
  if (working !== undefined) {
    return working;
  }

  if (judged === undefined) {
    return state(isStuck ? 'stuck' : 'unknown');
  }

  const hasFile = judged.name !== 'nothing' && judged.name !== 'partial';
  if (transfer?.state.name === 'failed' && !hasFile) {
    return state('failed');
  }

  return judged.name === 'partial'
    ? state('partial', Math.floor(judged.part * 100))
    : state(judged.name);
}

/** The state from a transfer that is not over; undefined for other transfers. */
function workState(transfer: TransferSnapshot): HereState | undefined {
  const {state: now, size} = transfer;
  const percent = size === undefined ? undefined : percentOf(arrivedBytes(transfer), size);
  switch (now.name) {
    case 'queued':
      return state('queued');
    case 'connecting':
    case 'downloading':
      return state('fetching', percent);
    case 'checking':
      return state('checking', percentOf(now.checkedBytes, now.totalBytes));
    case 'copying':
      return state('fetching', percentOf(now.copiedBytes, now.totalBytes));
    case 'finishing':
      return state('finishing');
    case 'paused':
      return state('paused', percent);
    case 'done':
    case 'failed':
    case 'canceled':
      return undefined;
  }
}

const states = new Map<string, HereState>();

/** One object for each state: a row whose state is the same object need not be drawn again. */
function state(name: HereState['name'], percent?: number): HereState {
  const key = `${name} ${percent ?? ''}`;
  const known = states.get(key) ?? {name, percent};
  states.set(key, known);
  return known;
}
