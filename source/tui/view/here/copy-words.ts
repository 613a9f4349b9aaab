/** What has happened to a fetched file since, in the row of its transfer. */
import type {DisplayText} from '../../../../protocol/display-text.ts';
import {keyOf} from '../../keys/keymap.ts';
import type {CopyNow} from '../../model/here/copy-now.ts';
import type {Glyphs} from '../../terminal/glyphs.ts';
import {say} from '../../text/say.ts';
import {type Line, type Span, span} from '../line/span.ts';

/** The sign of the state, and its words. */
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
