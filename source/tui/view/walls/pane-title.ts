import type {DisplayText} from '../../../../protocol/display-text.ts';
import {type Pane, panes} from '../../model/layout.ts';
import {say} from '../../text/say.ts';
import {type Span, span} from '../line/span.ts';

const names: Readonly<Record<Pane, DisplayText>> = {
  files: say`Files`,
  verifier: say`Verifier`,
  transfers: say`Transfers`,
};

/** `1 Files`: the key that leads to the pane, and its name; in the accent colour if it has the keys. */
export function paneTitle(pane: Pane, active: boolean): Span {
  return span(say`${panes.indexOf(pane) + 1} ${names[pane]}`, active ? 'accent' : 'plain');
}
