import {displayName} from '../../../protocol/display-text.ts';
import type {Pane} from '../model/layout.ts';
import {findLocalCopy} from '../model/local-copy.ts';
import type {Parts} from '../model/parts.ts';
import {say} from '../text/say.ts';

type Used = Pick<
  Parts,
  'queue' | 'folder' | 'panes' | 'browser' | 'transfers' | 'verifier' | 'messages'
>;

/** Compare the file that `pane` points at with its local copy. */
export function verifyCurrent(parts: Used, pane: Pane): void {
  const {queue, folder, panes, browser, transfers, verifier, messages} = parts;
  const transfer = pane === 'transfers' ? transfers.current() : undefined;
  const entry = pane === 'files' ? browser.current() : undefined;
  const path = pane === 'verifier' ? verifier.view().path : (transfer?.remotePath ?? entry?.path);
  if (path === undefined || (entry !== undefined && entry.type !== 'file')) {
    messages.complain(say`Only a file can be verified: move to one and press v.`);
    return;
  }

  const where = {queue, folder, shown: browser.path};
  findLocalCopy(path, {...where, transfer: transfer ?? transfers.find(path)}).then(
    copy => verifier.verify(path, copy),
    (error: unknown) => {
      messages.complain(displayName(error instanceof Error ? error.message : String(error)));
    },
  );
  if (panes.layout.mode === 'folded') {
    panes.focusOn('verifier');
  }
}
