/** Names of hash algorithms as people write them. */
import type {HashAlgorithm} from '../../../../protocol/block.ts';
import type {DisplayText} from '../../../../protocol/display-text.ts';
import {say} from '../../text/say.ts';

export const hashNames: Readonly<Record<HashAlgorithm, DisplayText>> = {
  sha1: say`SHA-1`,
  sha256: say`SHA-256`,
  blake3: say`BLAKE3`,
};
