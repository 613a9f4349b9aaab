import type {DisplayText} from '../../../../protocol/display-text.ts';
import type {VerifyReport} from '../../../transfers/download/verify.ts';
import {keyOf} from '../../keys/keymap.ts';
import {formatCount, plural} from '../../text/format.ts';
import {say} from '../../text/say.ts';

/** What the key R does. */
export function repairSentence({equal, good, bad, missing}: VerifyReport): DisplayText {
  if (equal) {
    return say`Nothing to repair.`;
  }

  return bad + missing === 0
    ? say`${keyOf('repair')} makes it as long as it is there.`
    : say`${keyOf('repair')} repairs it: fetches ${plural(bad + missing, 'block')}, keeps ${formatCount(good)}.`;
}
