/** The verifier after its compared copy was fetched again, changed or removed. */
import type {BlockView} from '../../../transfers/terms/block-view.ts';
import {keyOf} from '../../keys/keymap.ts';
import type {VerifierView} from '../../model/verifier/verifier.ts';
import type {Glyphs} from '../../terminal/glyphs.ts';
import {formatBytes, formatPart, formatPercent} from '../../text/format.ts';
import {say} from '../../text/say.ts';
import {wrapWords} from '../../text/width.ts';
import {bar} from '../line/bar.ts';
import {type Line, span} from '../line/span.ts';
import type {Look} from '../look.ts';
import {blockCounts, blockMap} from '../verifier/block-map.ts';

type State = VerifierView['state'];
type LaterState = Extract<State, {name: 'fetching' | 'verified' | 'outdated'}>;

export function laterLines(
  {glyphs}: Look,
  state: LaterState,
  columns: number,
  rows: number,
): Line[] {
  const wrapped = (text: ReturnType<typeof say>): Line[] =>
    wrapWords(text, columns, glyphs).map(line => [span(line, 'faint')]);
  switch (state.name) {
    case 'fetching': {
      const {doneBytes, totalBytes, blocks} = state;
      const words = [
        [
          span(say`${glyphs.states.down} fetching  `, 'accent'),
          ...bar(glyphs, doneBytes, totalBytes, Math.min(30, columns - 20)),
          span(say` ${formatPercent(doneBytes, totalBytes)}`, 'strong'),
        ],
        [span(formatPart(doneBytes, totalBytes), 'faint')],
      ];
      return blocks === undefined
        ? words
        : [...words, ...liveBlocks(glyphs, blocks, columns, rows - words.length)];
    }

    case 'verified':
      return [
        [
          span(say`${glyphs.states.done} same`, 'good'),
          span(say`  ${formatBytes(state.size)}`, 'faint'),
        ],
        ...wrapped(
          say`Every block was checked when it was fetched. Press ${keyOf('verify')} to read it again.`,
        ),
      ];
    case 'outdated':
      return state.isGone
        ? [
            [span(say`${glyphs.states.canceled} gone`, 'warning')],
            ...wrapped(
              say`The copy is gone since it was compared. Press ${keyOf('download')} on the file to fetch it.`,
            ),
          ]
        : [
            [span(say`${glyphs.here.unlike} changed`, 'warning')],
            ...wrapped(say`The copy here has changed. Press ${keyOf('verify')} to compare it.`),
          ];
  }
}

/** Numbers of blocks, and their map, in at most `rows`. */
export function liveBlocks(
  glyphs: Glyphs,
  blocks: BlockView,
  columns: number,
  rows: number,
): Line[] {
  return [blockCounts(glyphs, blocks), ...blockMap(glyphs, blocks, columns, rows - 1)].slice(
    0,
    Math.max(0, rows),
  );
}

/** The same state in a word; empty for other states. */
export function laterWord(state: State): Line {
  switch (state.name) {
    case 'fetching':
      return [span(say`fetching ${formatPercent(state.doneBytes, state.totalBytes)}`, 'accent')];
    case 'verified':
      return [span(say`same`, 'good')];
    case 'outdated':
      return [span(state.isGone ? say`gone` : say`changed`, 'warning')];
    default:
      return [];
  }
}
