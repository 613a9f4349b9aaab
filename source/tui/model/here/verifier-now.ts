/**
 * What the verifier shows now: its comparison, as long as both files are unchanged. A repair, a download or another
 * program changes them.
 */
import type {TransferSnapshot} from '../../../transfers/queue/queue.ts';
import type {BlockView} from '../../../transfers/terms/block-view.ts';
import {arrivedBytes} from '../../../transfers/terms/download-event.ts';
import {isSettled} from '../../../transfers/terms/transfer-state.ts';
import type {VerifierView} from '../verifier/verifier.ts';
import type {Seen} from './seen-files.ts';

/** The blocks of a transfer that runs. */
type BlocksOf = (id: number) => BlockView | undefined;

export class VerifierNow {
  #last:
    | {view: VerifierView; seen: Seen | undefined; transfer: TransferSnapshot | undefined}
    | undefined;
  #now: VerifierView | undefined;

  /** The same object for the same facts. */
  of(
    view: VerifierView,
    seen: Seen | undefined,
    transfer: TransferSnapshot | undefined,
    blocksOf: BlocksOf,
  ): VerifierView {
    const last = this.#last;
    if (last?.view !== view || last.seen !== seen || last.transfer !== transfer) {
      this.#last = {view, seen, transfer};
      this.#now = verifierNow(view, seen, transfer, blocksOf);
    }

    return this.#now ?? view;
  }
}

/** @param seen the last look at the copy, and the last comparison of it. */
export function verifierNow(
  view: VerifierView,
  seen: Seen | undefined,
  transfer: TransferSnapshot | undefined,
  blocksOf: BlocksOf,
): VerifierView {
  const {state} = view;
  if (state.name !== 'compared' && state.name !== 'absent') {
    return view;
  }

  if (transfer !== undefined && !isSettled(transfer.state)) {
    const doneBytes = arrivedBytes(transfer);
    const totalBytes = transfer.size ?? 0;
    const blocks = blocksOf(transfer.id);
    return {...view, state: {name: 'fetching', doneBytes, totalBytes, blocks}};
  }

  const compared = state.name === 'compared' ? state.report.compared : undefined;
  const copy = seen?.look.copy;
  // A remote file may have several copies here: a look at another one tells nothing about the compared one.
  const isAsCompared =
    state.name === 'compared'
      ? compared === undefined ||
        (copy !== undefined && copy.file !== state.report.localFile) ||
        copy?.state === compared.state
      : copy === undefined;
  if (seen === undefined || isAsCompared) {
    return view;
  }

  if (copy === undefined) {
    return {...view, state: {name: 'outdated', isGone: true}};
  }

  const {verdict} = seen;
  return verdict?.state === copy.state && verdict.equal
    ? {...view, copy, state: {name: 'verified', size: verdict.remote.size}}
    : {...view, copy, state: {name: 'outdated', isGone: false}};
}
