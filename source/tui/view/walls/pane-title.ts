import type {DisplayText} from '../../../../protocol/display-text.ts';
import {type Pane, panes} from '../../model/layout.ts';
import {say} from '../../text/say.ts';
import {type Span, span} from '../line/span.ts';

/** The content of a pane; details and preview are shown in the pane of the verifier. */
type Shown = Pane | 'details' | 'preview';

const titles: Readonly<Record<Shown, {pane: Pane; name: DisplayText}>> = {
  files: {pane: 'files', name: say`Files`},
  verifier: {pane: 'verifier', name: say`Verifier`},
  details: {pane: 'verifier', name: say`Details`},
  preview: {pane: 'verifier', name: say`Preview`},
  transfers: {pane: 'transfers', name: say`Transfers`},
};

/** `1 Files`: the key of the pane, and its content; in the accent colour if it has the focus. */
export function paneTitle(shown: Shown, active: boolean): Span {
  const {pane, name} = titles[shown];
  return span(say`${panes.indexOf(pane) + 1} ${name}`, active ? 'accent' : 'plain');
}
