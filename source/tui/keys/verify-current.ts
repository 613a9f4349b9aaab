import type {Pane} from '../model/layout.ts';
import type {Parts} from '../model/parts.ts';
import {say} from '../text/say.ts';

type Used = Pick<
  Parts,
  | 'panes'
  | 'browser'
  | 'here'
  | 'transfers'
  | 'preview'
  | 'verifier'
  | 'verifyList'
  | 'messages'
  | 'keyOf'
>;

/** Compare the selection in `pane` with its local copy: a file, all marked entries, or a folder. */
export function verifyCurrent(parts: Used, pane: Pane): void {
  switch (pane) {
    case 'files':
      verifyChosen(parts);
      break;
    case 'transfers':
      verifyTransfer(parts);
      break;
    case 'verifier':
      verifyAgain(parts);
      break;
  }
}

function verifyChosen(parts: Used): void {
  const {browser, verifyList, messages, keyOf} = parts;
  const marked = browser.marks.entries();
  const current = browser.current();
  const entries = marked.length > 0 || current === undefined ? marked : [current];
  const [first] = entries;
  const markable = entries.flatMap(({type, ...entry}) =>
    type === 'other' ? [] : [{...entry, type}],
  );
  if (first === undefined || markable.length < entries.length) {
    messages.complain(say`Move to a file or a folder, or mark some, and press ${keyOf('verify')}.`);
  } else if (entries.length === 1 && first.type === 'file') {
    verifyOne(parts, first.path);
  } else {
    verifyList.start({entries: markable, begunAt: current?.path});
    makeRoom(parts);
  }
}

function verifyTransfer(parts: Used): void {
  const transfer = parts.transfers.current();
  if (transfer === undefined) {
    parts.messages.complain(say`There is no transfer here whose file could be verified.`);
  } else {
    verifyOne(parts, transfer.remotePath, transfer);
  }
}

function verifyAgain(parts: Used): void {
  const {verifier, verifyList, messages, keyOf} = parts;
  const {path} = verifier.view();
  if (verifyList.isInFront) {
    verifyList.again();
    makeRoom(parts);
  } else if (path === undefined) {
    messages.complain(
      say`Nothing was verified yet: press ${keyOf('verify')} on a file in the files pane.`,
    );
  } else {
    verifyOne(parts, path);
  }
}

/** @param transfer that may have saved the copy. Default: the last transfer of that file. */
function verifyOne(
  parts: Used,
  path: Parameters<Parts['here']['copyOf']>[0],
  transfer?: Parameters<Parts['here']['copyOf']>[2],
): void {
  const {browser, here, verifier, verifyList, messages} = parts;
  verifyList.stepBehind();
  if (here.isStuck) {
    messages.complain(
      say`The local disk does not answer. jangada compares the file as soon as it does.`,
    );
  }

  void here.copyOf(path, browser.path, transfer).then(copy => verifier.verify(path, copy));
  makeRoom(parts);
}

/** Make room for the verdict. */
function makeRoom({preview, panes}: Used): void {
  preview.close();
  if (panes.layout.mode === 'folded') {
    panes.focusOn('verifier');
  }
}
