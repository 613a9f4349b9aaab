/** Hashes of the first bytes of a file, and digests side by side. */
import {type DisplayText, displayName} from '../../../../protocol/display-text.ts';
import {hashNames} from '../../model/verifier/hash-names.ts';
import type {VerifierView} from '../../model/verifier/verifier.ts';
import {formatCount, formatPercent, plural} from '../../text/format.ts';
import {say} from '../../text/say.ts';
import {cutMiddle, widthOf, wrapWords} from '../../text/width.ts';
import {type Line, span} from '../line/span.ts';
import type {Look} from '../look.ts';

/** The digests up to a position: of both files, or of the only one. */
export function hashLines(
  look: Look,
  {hash, copy}: Pick<VerifierView, 'hash' | 'copy'>,
  columns: number,
): Line[] {
  const {glyphs} = look;
  switch (hash.name) {
    case 'none':
      return [];
    case 'hashing':
      return [
        [
          span(
            say`${hashNames[hash.algorithm]} ${glyphs.ellipsis} ${formatPercent(hash.done, hash.length)}`,
            'accent',
          ),
        ],
      ];
    case 'failed':
      return wrapWords(say`No ${hashNames[hash.algorithm]}: ${hash.reason}`, columns, glyphs).map(
        text => [span(text, 'bad')],
      );
    case 'hashedThere':
      return [
        [span(say`${hashNames[hash.algorithm]}, first ${plural(hash.length, 'byte')}`, 'faint')],
        digestLine(look, say`there  `, hash.there, columns),
        // A copy may exist by now.
        ...(copy === undefined ? [[span(say`here   nothing to compare`, 'faint')]] : []),
      ];
    case 'hashed': {
      const {localLength, remoteLength, here, there} = hash;
      const lengths =
        localLength === remoteLength
          ? say`first ${plural(remoteLength, 'byte')}`
          : say`first bytes: ${formatCount(localLength)} here, ${formatCount(remoteLength)} there`;
      return [
        [span(lengths, 'faint')],
        ...digestLines(look, hashNames[hash.algorithm], here, there, columns, hash.equal),
      ];
    }
  }
}

/** Two digests, one below the other, and whether they are equal. */
export function digestLines(
  look: Look,
  label: DisplayText,
  here: string,
  there: string,
  columns: number,
  equal = here === there,
): Line[] {
  const verdict = equal ? span(say`same`, 'good') : span(say`differs`, 'bad');
  return [
    [span(say`${label}  `, 'faint'), verdict],
    digestLine(look, say`here   `, here, columns),
    digestLine(look, say`there  `, there, columns),
  ];
}

function digestLine({glyphs}: Look, label: DisplayText, digest: string, columns: number): Line {
  const room = Math.max(8, columns - widthOf(label));
  return [span(label, 'faint'), span(cutMiddle(displayName(digest), room, glyphs))];
}
