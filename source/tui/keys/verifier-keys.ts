/** Keys of the verifier pane. */
import {displayName} from '../../../protocol/display-text.ts';
import type {Parts} from '../model/parts.ts';
import {viewOf} from '../model/verifier/verify-list.ts';
import {formatBytes, plural} from '../text/format.ts';
import {say, sentence} from '../text/say.ts';
import type {Binding} from './binding.ts';
import {chooseHash} from './hash-dialog.ts';
import {typePosition} from './typing/position-line.ts';
import {verifyCurrent} from './verify-current.ts';

const inVerifier: readonly Omit<Binding, 'pane'>[] = [
  {
    action: 'repair',
    keys: ['R'],
    text: say`fetch what is bad or missing; in a list, of all that differ`,
    short: say`repair`,
    perform: parts => (parts.verifyList.isInFront ? repairAll(parts) : repair(parts)),
  },
  {
    action: 'open',
    keys: ['enter'],
    text: say`in a list: the blocks of this file`,
    short: say`open`,
    perform: open,
  },
  {
    action: 'position',
    keys: ['p'],
    text: say`hash up to a position: bytes, 45M, 50%`,
    short: say`position`,
    perform: typePosition,
  },
  {
    action: 'hash',
    keys: ['a'],
    text: say`hash by SHA-1, SHA-256 or BLAKE3`,
    short: say`hash`,
    perform: parts => void chooseHash(parts),
  },
  {
    action: 'verify',
    keys: ['v'],
    text: say`compare again`,
    short: say`verify`,
    perform: verifyCurrent,
  },
];

export const verifierKeys: readonly Binding[] = inVerifier.map(key => ({...key, pane: 'verifier'}));

function repair({
  verifier,
  downloads,
  messages,
  keyOf,
}: Pick<Parts, 'verifier' | 'downloads' | 'messages' | 'keyOf'>): void {
  const {path, copy, state} = verifier.view();
  if (state.name === 'verified') {
    messages.say(say`There is nothing to repair: every block was checked when it was fetched.`);
  } else if (state.name === 'fetching') {
    messages.say(say`It is being fetched: what differs comes with that.`);
  } else if (path === undefined || copy === undefined || state.name !== 'compared') {
    messages.complain(
      say`There is nothing to repair: press ${keyOf('verify')} on a file in the files pane.`,
    );
  } else if (state.report.equal) {
    messages.say(say`There is nothing to repair: every block is as it is there.`);
  } else {
    downloads.repair(path, copy);
  }
}

function repairAll({
  verifyList,
  downloads,
  messages,
  keyOf,
}: Pick<Parts, 'verifyList' | 'downloads' | 'messages' | 'keyOf'>): void {
  if (verifyList.isRunning) {
    messages.complain(
      say`They are still being compared: wait for the end, or stop it with ${keyOf('back')}.`,
    );
    return;
  }

  const differing = verifyList.differing();
  if (differing.length === 0) {
    messages.say(say`There is nothing to repair: nothing differs, or it is in the queue already.`);
    return;
  }

  const bytes = differing.reduce((sum, {fetchBytes}) => sum + fetchBytes, 0);
  verifyList
    .repair(differing, () => downloads.repairAll(differing))
    .then(
      () =>
        messages.say(
          say`Queued ${plural(differing.length, 'repair')}: ${formatBytes(bytes)} to fetch, equal blocks stay.`,
        ),
      (error: unknown) =>
        messages.complain(displayName(error instanceof Error ? error.message : String(error))),
    );
}

function open({
  verifier,
  verifyList,
  messages,
  keyOf,
}: Pick<Parts, 'verifier' | 'verifyList' | 'messages' | 'keyOf'>): void {
  const row = verifyList.isInFront ? verifyList.current() : undefined;
  if (row === undefined) {
    messages.say(
      verifyList.isInFront
        ? say`There is no result yet to open.`
        : say`${keyOf('open', 'verifier')} opens a file of a list: press ${keyOf('verify')} on marked files or a folder first.`,
    );
  } else if (row.kind === 'failed') {
    messages.complain(say`${row.label} could not be compared: ${sentence(row.reason)}`);
  } else {
    verifyList.stepBehind();
    if (row.kind === 'absent' || row.hasBlocks) {
      verifier.show(viewOf(row));
    } else {
      // The verdicts on its blocks were too many to keep.
      void verifier.verify(row.path, row.copy);
    }
  }
}
