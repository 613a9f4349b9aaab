/** The question before a download of marked entries that are not on the screen. */
import {displayName} from '../../../../protocol/display-text.ts';
import {baseName} from '../../../../protocol/remote-path.ts';
import {plural} from '../../text/format.ts';
import {joinTexts, say} from '../../text/say.ts';
import type {Dialogs} from '../dialogs.ts';
import type {MarkedEntry} from '../files/marks/marks.ts';

/** Most hidden names in the question. */
const mostNamed = 3;

/**
 * Ask which of `marked` to download; `hidden` are those not on the screen.
 *
 * @returns `all`, or only those that are `shown`; undefined if the user stopped.
 */
export async function askForHidden(
  dialogs: Dialogs,
  marked: readonly MarkedEntry[],
  hidden: readonly MarkedEntry[],
): Promise<'all' | 'shown' | undefined> {
  const shown = marked.length - hidden.length;
  const names = hidden.slice(0, mostNamed).map(({path}) => displayName(baseName(path)));
  const more = hidden.length - names.length;
  const answer = await dialogs.ask({
    title: say`Marked, but not shown: ${plural(hidden.length, 'entry', 'entries')}`,
    body: [
      say`${joinTexts(names, say`, `)}${more > 0 ? say` and ${more} more` : say``}`,
      say`The filter hides them, or names with a dot are hidden.`,
    ],
    choices: [
      {
        key: 'a',
        label: say`All marked`,
        detail: say`download ${plural(marked.length, 'entry', 'entries')}`,
      },
      ...(shown > 0
        ? [
            {
              key: 's',
              label: say`Only those shown`,
              detail: say`download ${plural(shown, 'entry', 'entries')}; the others stay marked`,
            },
          ]
        : []),
      {key: 'n', label: say`No`, detail: say`download nothing; all stay marked`},
    ],
  });
  return answer?.key === 'a' ? 'all' : answer?.key === 's' ? 'shown' : undefined;
}
