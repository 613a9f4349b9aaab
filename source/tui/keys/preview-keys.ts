/** The key that shows the preview of a file, in the pane of the file and in the pane of the preview. */
import type {Parts} from '../model/parts.ts';
import {say} from '../text/say.ts';
import type {Binding} from './binding.ts';

export const previewKeys: readonly Binding[] = [
  {
    action: 'preview',
    keys: ['i', 'f3'],
    text: say`show or hide the preview`,
    short: say`preview`,
    pane: 'files',
    perform: togglePreview,
  },
  {
    action: 'preview',
    keys: ['i', 'f3'],
    text: say`show or hide the preview`,
    pane: 'verifier',
    perform: togglePreview,
  },
];

function togglePreview({preview, panes}: Pick<Parts, 'preview' | 'panes'>): void {
  if (preview.hide()) {
    return;
  }

  preview.open();
  if (panes.layout.mode === 'folded') {
    panes.focusOn('verifier');
  }
}
