/** The line for the position up to which both files are hashed. */
import type {Parts} from '../../model/parts.ts';
import {hashNames} from '../../model/verifier/hash-names.ts';
import {parsePosition} from '../../model/verifier/parse-position.ts';
import {say} from '../../text/say.ts';
import {isVerdictShown} from '../is-verdict-shown.ts';

type Used = Pick<
  Parts,
  'browser' | 'preview' | 'verifier' | 'verifyList' | 'prompt' | 'messages' | 'keyOf'
>;

export function typePosition(parts: Used): void {
  const {verifier, verifyList, prompt, messages, keyOf} = parts;
  const {path, state} = verifier.view();
  if (verifyList.isInFront) {
    messages.complain(say`Open one of the files first: ${keyOf('open', 'verifier')}.`);
    return;
  }

  if (path === undefined || !isVerdictShown(parts)) {
    messages.complain(
      say`Press ${keyOf('verify')} on a file first; ${keyOf('position', 'verifier')} hashes that one.`,
    );
    return;
  }

  const {name} = state;
  const size =
    name === 'compared' ? state.report.remoteSize : name === 'verified' ? state.size : undefined;
  prompt.open({
    label: say`${hashNames[verifier.algorithm]} of the first bytes, up to:`,
    hint: say`bytes, 45M or 50%; nothing for all of it. Enter starts, Esc goes back`,
    text: '',
    check(text) {
      const position = parsePosition(text, size);
      return 'complaint' in position ? position.complaint : undefined;
    },
    onEnter(text) {
      const position = parsePosition(text, size);
      if ('length' in position) {
        void verifier.hash(position.length);
      }
    },
  });
}
