/** Help pages to draw, and the texts of drawn pages. */
import {helpSections} from '../../../../source/tui/keys/help/help-sections.ts';
import {HelpPage, type HelpView} from '../../../../source/tui/model/help/help-page.ts';
import type {Pane, Size} from '../../../../source/tui/model/layout.ts';
import {Repainter} from '../../../../source/tui/model/repainter.ts';

/** The open page of keys. */
export function helpIn(
  screen: Size,
  {focus = 'files', search = ''}: {focus?: Pane; search?: string} = {},
): HelpView {
  const sections = () => helpSections(focus, true);
  const page = new HelpPage({sections, screen: () => screen}, new Repainter());
  page.open();
  page.search = search;
  const view = page.view();
  if (view === undefined) {
    throw new Error('It was opened');
  }

  return view;
}

/** The texts of all lines, column by column. */
export function helpTexts(view: HelpView | undefined): string[] {
  return (view?.columns ?? []).flatMap(lines =>
    lines.flatMap(line => (line.kind === 'blank' ? [] : line.text)),
  );
}
