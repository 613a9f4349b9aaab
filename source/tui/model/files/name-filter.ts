/** Which names a typed filter shows. */

/**
 * Whether `filter` accepts `name`: the name contains it, in any case. A filter that begins with a space is fuzzy: the
 * name contains its characters in their order, with any others between.
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
