/** The part of a help page about the mouse. */
import type {DisplayText} from '../../../../protocol/display-text.ts';
import type {HelpEntry, HelpSection} from '../../model/help/help-section.ts';
import {say} from '../../text/say.ts';

const gesture = (label: DisplayText, text: DisplayText): HelpEntry => ({keys: [], label, text});

/** @param sorts whether there are panes, and column heads to sort by. */
export const mouseSection = (sorts: boolean): HelpSection => ({
  title: say`With the mouse`,
  entries: [
    gesture(
      say`click`,
      sorts ? say`choose a pane, a row, a key, an answer` : say`choose a row, a key, an answer`,
    ),
    gesture(say`double click`, say`open the row, as Enter does`),
    ...(sorts ? [gesture(say`column head`, say`sort by it; again: reverse the order`)] : []),
    gesture(say`wheel`, say`scroll the pane under the mouse`),
    gesture(say`Shift-drag`, say`select text, as the terminal does`),
  ],
});
