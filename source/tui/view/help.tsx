/** The help page: all keys, from the keymap. */
import {type ReactNode, useContext} from 'react';
import type {DisplayText} from '../../../protocol/display-text.ts';
import type {Binding} from '../keys/binding.ts';
import {bindings, keyLabel} from '../keys/keymap.ts';
import {panes, type Size} from '../model/layout.ts';
import {joinTexts, say} from '../text/say.ts';
import {padEnd} from '../text/width.ts';
import type {Row} from './line/line-view.tsx';
import {span} from './line/span.ts';
import {type Look, LookContext} from './look.ts';
import {KeysPage} from './walls/keys-page.tsx';

type HelpProps = {
  /** The first line that is shown. */
  readonly offset: number;
  readonly screen: Size;
};

export function Help(place: HelpProps): ReactNode {
  return <KeysPage rows={helpRows(useContext(LookContext))} {...place} />;
}

const headings: Readonly<Record<(typeof panes)[number], DisplayText>> = {
  files: say`In the files`,
  verifier: say`In the verifier`,
  transfers: say`In the transfers`,
};

/** The rows of the help screen: every key, by pane. */
export function helpRows(look: Look): Row[] {
  const section = (title: DisplayText, list: readonly Binding[]): Row[] => [
    {line: [span(title, 'accent')]},
    ...list.map(binding => bindingRow(look, binding)),
    {line: []},
  ];
  return [
    ...section(
      say`Everywhere`,
      bindings.filter(({pane}) => pane === undefined),
    ),
    ...panes.flatMap(pane =>
      section(
        headings[pane],
        bindings.filter(binding => binding.pane === pane),
      ),
    ),
  ].slice(0, -1);
}

function bindingRow({glyphs}: Look, {keys, text}: Binding): Row {
  const labels = joinTexts(
    keys.map(key => keyLabel(key, glyphs)),
    say` `,
  );
  return {line: [span(say`  ${padEnd(labels, 16)} `, 'strong'), span(text)]};
}
