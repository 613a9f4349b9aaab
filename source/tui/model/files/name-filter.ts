/** Which names a typed filter shows. */

/**
 * Whether `filter` lets `name` through: as a part of it, in any case; a filter that begins with a space
 * is fuzzy: its characters stand in the name in their order, with any others between.
 */
export function passesFilter(name: string, filter: string): boolean {
  const inName = name.toLowerCase();
  const wanted = filter.toLowerCase();
  if (!wanted.startsWith(' ')) {
    return inName.includes(wanted);
  }

  let from = 0;
  for (const character of wanted) {
    if (character !== ' ') {
      const found = inName.indexOf(character, from);
      if (found === -1) {
        return false;
      }

      from = found + character.length;
    }
  }

  return true;
}
