import type {CurrentEntry} from '../model/files/folder-listing.ts';
import type {MarkedEntry} from '../model/files/marks/marks.ts';
import type {Pane} from '../model/layout.ts';
import type {Parts} from '../model/parts.ts';
import {say} from '../text/say.ts';
import {isVerdictShown} from './is-verdict-shown.ts';

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
  const {browser} = parts;
  const marked = browser.marks.entries();
  const current = browser.current();
  verifyEntries(parts, marked.length > 0 || current === undefined ? marked : [current]);
}

function verifyEntries(parts: Used, entries: ReadonlyArray<CurrentEntry | MarkedEntry>): void {
  const {browser, verifyList, messages, keyOf} = parts;
  const [first] = entries;
  const markable = entries.flatMap(({type, ...entry}) =>
    type === 'other' ? [] : [{...entry, type}],
  );
  if (first === undefined || markable.length < entries.length) {
    messages.complain(say`Move to a file or a folder, or mark some, and press ${keyOf('verify')}.`);
  } else if (entries.length === 1 && first.type === 'file') {
    verifyOne(parts, first.path);
  } else {
    verifyList.start({entries: markable, begunAt: browser.current()?.path});
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
  const {browser, verifier, verifyList} = parts;
  const {path} = verifier.view();
  const current = browser.current();
  if (verifyList.isInFront) {
    verifyList.again();
    makeRoom(parts);
  } else if (path !== undefined && isVerdictShown(parts)) {
    verifyOne(parts, path);
  } else {
    // The pane shows the details of that.
    verifyEntries(parts, current === undefined ? [] : [current]);
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

  const begunAt = browser.current()?.path;
  void verifier.verifyFound(path, here.copyOf(path, browser.path, transfer), begunAt);
  makeRoom(parts);
}

/** Make room for the verdict. */
function makeRoom({preview, panes}: Used): void {
  preview.close();
  if (panes.layout.mode === 'folded') {
    panes.focusOn('verifier');
  }
}
