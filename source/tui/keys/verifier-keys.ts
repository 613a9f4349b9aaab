/** Keys of the verifier pane. */
import type {Parts} from '../model/parts.ts';
import {viewOf} from '../model/verifier/verify-list.ts';
import {say, sentence} from '../text/say.ts';
import type {Binding} from './binding.ts';
import {chooseHash} from './dialogs/hash-dialog.ts';
import {isVerdictShown} from './is-verdict-shown.ts';
import {isRepairable, repairCurrent} from './repair-current.ts';
import {typePosition} from './typing/position-line.ts';
import {verifyCurrent} from './verify-current.ts';

const inVerifier: readonly Omit<Binding, 'pane'>[] = [
  {
    action: 'repair',
    keys: ['R'],
    text: say`fetch bad and missing blocks; in a list, of every file`,
    short: say`repair`,
    isIdle: parts => {
      const {verifier, verifyList} = parts;
      return verifyList.isInFront
        ? !verifyList.isRepairable
        : !isVerdictShown(parts) || !isRepairable(verifier.view());
    },
    perform: repairCurrent,
  },
  {
    action: 'open',
    keys: ['enter'],
    text: say`in a list: the blocks of this file`,
    short: say`open`,
    isIdle: ({verifyList}) => !verifyList.isInFront,
    perform: open,
  },
  {
    action: 'position',
    keys: ['p'],
    text: say`hash up to a position: bytes, 45M, 50%`,
    short: say`position`,
    isIdle: parts => parts.verifyList.isInFront || !isVerdictShown(parts),
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
    text: say`compare this, or compare it again`,
    short: say`verify`,
    perform: verifyCurrent,
  },
];

export const verifierKeys: readonly Binding[] = inVerifier.map(key => ({...key, pane: 'verifier'}));

function open({
  verifier,
  verifyList,
  browser,
  messages,
  keyOf,
}: Pick<Parts, 'browser' | 'verifier' | 'verifyList' | 'messages' | 'keyOf'>): void {
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
    const begunAt = browser.current()?.path;
    if (row.kind === 'absent' || row.hasBlocks) {
      verifier.show(viewOf(row, begunAt));
    } else {
      // The list has dropped the verdicts on its blocks, because there were too many to keep.
      void verifier.verify(row.path, row.copy, begunAt);
    }
  }
}
