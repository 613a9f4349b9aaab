/** What has become of a file that was fetched, in the row of its transfer. */
import type {DisplayText} from '../../../../protocol/display-text.ts';
import {keyOf} from '../../keys/keymap.ts';
import type {CopyNow} from '../../model/here/copy-now.ts';
import type {Glyphs} from '../../terminal/glyphs.ts';
import {say} from '../../text/say.ts';
import {type Line, type Span, span} from '../line/span.ts';

/** The sign of its state, and the words about it. */
export function copyWords({states, here}: Glyphs, now: CopyNow): {sign: Span; words: Line} {
  const words = (sign: DisplayText, word: DisplayText, more: DisplayText, tone: Span['tone']) => ({
    sign: span(sign, tone),
    words: [span(word, tone), span(more, 'faint')],
  });
  switch (now) {
    case 'changed':
      return words(here.unlike, say`changed   `, say`here since it was fetched`, 'warning');
    case 'differs':
      return words(
        states.failed,
        say`differs   `,
        say`${keyOf('repair')} in the verifier repairs it`,
        'bad',
      );
    case 'gone':
      return words(states.canceled, say`gone      `, say`from here since it was fetched`, 'faint');
  }
}
