/** Turns the typed text of a search into masks. */

import {type DisplayText, displayName} from '../../../../protocol/display-text.ts';
import {literalMask} from '../../../../protocol/masks/literal-mask.ts';
import {prepareMasks} from '../../../../protocol/masks/masks.ts';
import {say} from '../../text/say.ts';

/** Characters that turn a part of a name into a mask. */
const maskSigns = /[*?[\]{}]/;

/**
 * A mask without a slash matches names in any folder; a mask with a slash matches paths below the searched folder. Text
 * with brackets or braces is both a mask and a part of a name. Other text is a part of a name, in any case; after a space its letters may have others between them, as in the filter
 * of a folder.
 */
export function findMasks(text: string): string[] {
  const characters = Array.from(text);
  const part = characters.map(anyCase).join('');
  if (maskSigns.test(text)) {
    const mask = text.includes('/') ? text : `**/${text}`;
    // Brackets and braces may also be a part of a name. `*` and `?` match themselves.
    return /[*?]/.test(text) ? [mask] : [mask, `**/*${part}*`];
  }

  const wanted = text.startsWith(' ')
    ? characters.filter(character => character !== ' ').map(anyCase)
    : [part];
  return [`**/*${wanted.join('*')}*`];
}

/** A mask that matches `character` in upper and lower case. */
function anyCase(character: string): string {
  const [lower, upper] = [character.toLowerCase(), character.toUpperCase()];
  // A class of a mask can hold only single UTF-16 units.
  return lower !== upper && lower.length === 1 && upper.length === 1
    ? `[${lower}${upper}]`
    : literalMask(character);
}

/** Why the server would refuse these masks; undefined if it would not. */
export function maskFault(masks: readonly string[]): DisplayText | undefined {
  try {
    prepareMasks(masks);
    return undefined;
  } catch (error) {
    return displayName(error instanceof Error ? error.message : String(error));
  }
}

/** A complaint about excludes without a mask: alone, they would match everything else. */
export function onlyExcludes(masks: readonly string[]): DisplayText | undefined {
  const [first] = masks;
  return first !== undefined && masks.every(mask => mask.startsWith('!'))
    ? say`${displayName(first)} only leaves files out. Type ** ${displayName(first)} for everything else.`
    : undefined;
}
