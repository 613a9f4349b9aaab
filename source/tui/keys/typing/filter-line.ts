/** The line for the filter of a folder. */
import type {DisplayText} from '../../../../protocol/display-text.ts';
import type {Parts} from '../../model/parts.ts';
import {formatCount, plural} from '../../text/format.ts';
import {say} from '../../text/say.ts';

type Used = Pick<Parts, 'browser' | 'prompt'>;

export function typeFilter({browser, prompt}: Used): void {
  prompt.open({
    label: say`Filter:`,
    hint: say`a space first: letters may be apart. Enter keeps it, Esc shows all`,
    text: browser.options.filter,
    note: () => (browser.options.filter === '' ? undefined : countsNote(browser.marking.counts())),
    onChange: text => browser.change({filter: text}),
    onEnter: text => browser.change({filter: text}),
    onEscape: () => browser.change({filter: ''}),
  });
}

/** How many entries a filter shows, and how many marks it hides. */
function countsNote({
  shown,
  total,
  hiddenMarks,
}: ReturnType<Used['browser']['marking']['counts']>): DisplayText {
  const hidden =
    hiddenMarks === 0
      ? say``
      : hiddenMarks === undefined
        ? say`, some marked may be hidden`
        : say`, ${plural(hiddenMarks, 'marked one')} hidden`;
  return say`${formatCount(shown)} of ${formatCount(total)} match${hidden}. Enter keeps it, Esc shows all`;
}
