/** The help page of the screen of one server: all keys by pane, beginning with the focused pane. */
import type {DisplayText} from '../../../../protocol/display-text.ts';
import type {HelpEntry, HelpSection} from '../../model/help/help-section.ts';
import {type Pane, panes} from '../../model/layout.ts';
import {asciiGlyphs} from '../../terminal/glyphs.ts';
import {joinTexts, say} from '../../text/say.ts';
import type {Binding} from '../binding.ts';
import {bindings, keyLabel} from '../keymap.ts';
import {mouseSection} from './mouse-section.ts';

const titles: Readonly<Record<Pane, DisplayText>> = {
  files: say`In the files`,
  verifier: say`In the verifier`,
  transfers: say`In the transfers`,
};

/** @param mouse whether the screen uses the mouse. */
export function helpSections(focus: Pane, mouse: boolean): HelpSection[] {
  const inOrder = [focus, ...panes.filter(pane => pane !== focus)];
  const shared = bindings.filter(({pane}) => pane === undefined);
  return [
    ...inOrder.map(pane => ({
      title: titles[pane],
      entries: entriesOf(bindings.filter(binding => binding.pane === pane)),
    })),
    {title: say`To move`, entries: entriesOf(shared.filter(({move}) => move !== undefined))},
    {title: say`Everywhere`, entries: entriesOf(shared.filter(({move}) => move === undefined))},
    ...(mouse ? [mouseSection(true)] : []),
  ];
}

/** One entry for each text: bindings with the same text stand side by side. */
export function entriesOf(list: ReadonlyArray<Pick<Binding, 'keys' | 'text'>>): HelpEntry[] {
  return [...Map.groupBy(list, ({text}) => text)].map(([text, same]) => {
    const keys = same.flatMap(({keys}) => keys);
    return {keys, text, label: joinTexts(keys.map(labelOf), say` `)};
  });
}

const labelOf = (key: string): DisplayText => keyLabel(key, asciiGlyphs);
