import type {Pane} from '../model/layout.ts';
import type {Parts} from '../model/parts.ts';
import {say} from '../text/say.ts';

type Used = Pick<
  Parts,
  'panes' | 'browser' | 'here' | 'transfers' | 'preview' | 'verifier' | 'messages'
>;

/** Compare the file that `pane` points at with its local copy. */
export function verifyCurrent(parts: Used, pane: Pane): void {
  const {panes, browser, here, transfers, preview, verifier, messages} = parts;
  const transfer = pane === 'transfers' ? transfers.current() : undefined;
  const entry = pane === 'files' ? browser.current() : undefined;
  const path = pane === 'verifier' ? verifier.view().path : (transfer?.remotePath ?? entry?.path);
  if (path === undefined || (entry !== undefined && entry.type !== 'file')) {
    messages.complain(say`Only a file can be verified: move to one and press v.`);
    return;
  }

  // The verdict has its place.
  preview.close();
  if (here.isStuck) {
    messages.complain(say`The disk here does not answer. It is compared as soon as it does.`);
  }

  void here.copyOf(path, browser.path, transfer).then(copy => verifier.verify(path, copy));
  if (panes.layout.mode === 'folded') {
    panes.focusOn('verifier');
  }
}
