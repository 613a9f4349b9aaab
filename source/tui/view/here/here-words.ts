/** The state of the local copy of a file, as a sign and a word: the column `Here`. */
import type {DisplayText} from '../../../../protocol/display-text.ts';
import {hereColumns} from '../../model/files/file-columns.ts';
import type {HereState} from '../../model/here/here-state.ts';
import type {Glyphs} from '../../terminal/glyphs.ts';
import type {Tone} from '../../terminal/theme.ts';
import {say} from '../../text/say.ts';
import {padEnd} from '../../text/width.ts';
import {type Line, span} from '../line/span.ts';

/** `word`: in exactly `hereColumns`. `tight`: only as wide as the words. `sign`: only the sign, in one column. */
export function hereLine(
  glyphs: Glyphs,
  state: HereState | undefined,
  how: 'word' | 'tight' | 'sign' = 'word',
): Line {
  const {sign, word, tone} = wordsOf(glyphs, state);
  if (how === 'sign') {
    return [span(sign, tone)];
  }

  const words = word === '' ? sign : say`${sign} ${word}`;
  if (how === 'word') {
    return [span(padEnd(words, hereColumns), tone)];
  }

  return words === ' ' ? [] : [span(words, tone)];
}

type Words = {sign: DisplayText; word: DisplayText; tone: Tone};

/** A word says only what is known: only a comparison of all blocks makes a file the same. */
function wordsOf({states, here}: Glyphs, state: HereState | undefined): Words {
  const words = (sign: DisplayText, word: DisplayText, tone: Tone): Words => ({sign, word, tone});
  const percent = state?.percent === undefined ? say`` : say`${state.percent} %`;
  switch (state?.name) {
    case 'same':
      return words(states.done, say`same`, 'good');
    case 'alike':
      return words(here.alike, say`alike`, 'plain');
    case 'differs':
      return words(states.failed, say`differs`, 'bad');
    case 'older':
      return words(here.unlike, say`older`, 'warning');
    case 'newer':
      return words(here.unlike, say`newer`, 'warning');
    case 'partial':
      return words(here.part, percent, 'warning');
    case 'queued':
      return words(states.waiting, say`queued`, 'faint');
    case 'fetching':
      return words(states.down, percent, 'accent');
    case 'checking':
      return words(here.checking, percent, 'accent');
    case 'finishing':
      return words(states.down, say`saving`, 'accent');
    case 'paused':
      return words(states.paused, percent === '' ? say`paused` : percent, 'warning');
    case 'failed':
      return words(states.failed, say`failed`, 'bad');
    case 'stuck':
      return words(here.unknown, say`no disk`, 'warning');
    case 'nothing':
    case 'unknown':
    case undefined:
      return words(say` `, say``, 'plain');
  }
}
