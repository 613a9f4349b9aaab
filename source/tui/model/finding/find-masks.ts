/** The masks that a search of the tree stands for, as it is typed. */

import {type DisplayText, displayName} from '../../../../protocol/display-text.ts';
import {prepareMasks} from '../../../../protocol/masks/masks.ts';
import {say} from '../../text/say.ts';

/** Characters that make a mask of what would be a part of a name. */
const maskSigns = /[*?[\]{}]/;

/**
 * A mask without a slash is for names in any folder, one with a slash for paths below the folder that is
 * searched. Other text is a part of a name in any case; after a space, letters of it with others between, as
 * in the filter of a folder.
 */
export function findMasks(text: string): string[] {
  if (maskSigns.test(text)) {
    return [text.includes('/') ? text : `**/${text}`];
  }

  const characters = Array.from(text);
  const wanted = text.startsWith(' ')
    ? characters.filter(character => character !== ' ').map(anyCase)
    : [characters.map(anyCase).join('')];
  return [`**/*${wanted.join('*')}*`];
}

/** A mask for `character`, whether it is a capital letter or not. */
function anyCase(character: string): string {
  const [lower, upper] = [character.toLowerCase(), character.toUpperCase()];
  if (character === '\\') {
    return '\\\\';
  }

  // A class has single UTF-16 units in it.
  return lower !== upper && lower.length === 1 && upper.length === 1
    ? `[${lower}${upper}]`
    : character;
}

/** Why the server would refuse these masks; undefined if it does not. */
export function maskFault(masks: readonly string[]): DisplayText | undefined {
  try {
    prepareMasks(masks);
    return undefined;
  } catch (error) {
    return displayName(error instanceof Error ? error.message : String(error));
  }
}

/** A complaint about excludes alone, which would stand for everything else. */
export function onlyExcludes(masks: readonly string[]): DisplayText | undefined {
  const [first] = masks;
  return first !== undefined && masks.every(mask => mask.startsWith('!'))
    ? say`${displayName(first)} only leaves out. Type ** ${displayName(first)} for all else.`
    : undefined;
}
