import {type HashAlgorithm, hashAlgorithms} from '../../../../protocol/block.ts';
import type {Parts} from '../../model/parts.ts';
import {hashNames} from '../../model/verifier/hash-names.ts';
import {say} from '../../text/say.ts';
import {isVerdictShown} from '../is-verdict-shown.ts';

const keys: Readonly<Record<HashAlgorithm, string>> = {sha1: '1', sha256: '2', blake3: 'b'};
const details = {
  sha1: say`the digest that sha1sum prints`,
  sha256: say`the digest that sha256sum prints`,
  blake3: say`the digest that b3sum prints, the fastest`,
} as const;

type Used = Pick<Parts, 'browser' | 'preview' | 'verifier' | 'verifyList' | 'dialogs'>;

/** Ask which algorithm hashes both files up to a position. */
export async function chooseHash(parts: Used): Promise<void> {
  const {verifier, verifyList, dialogs} = parts;
  const answer = await dialogs.ask({
    title: say`Hash up to a position with`,
    body: [],
    preset: keys[verifier.algorithm],
    choices: hashAlgorithms.map(name => ({
      ...{key: keys[name], label: hashNames[name], detail: details[name]},
    })),
  });
  const chosen = hashAlgorithms.find(name => keys[name] === answer?.key);
  if (chosen !== undefined) {
    // A hash that the user does not see is not repeated.
    verifier.choose(chosen, {isShown: !verifyList.isInFront && isVerdictShown(parts)});
  }
}
