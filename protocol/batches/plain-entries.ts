/**
 * The check of entries whose names are text, as nearly all are: a listing or a search may have millions of
 * them, and the schema, which says what is wrong with one that is not so, takes as long as all the rest.
 */

type PlainEntry<Type extends string> = {name: string; type: Type; size: number; mtimeMs: number};

/**
 * `value` as a message with at most `most` entries of those `types`, without unknown fields; undefined if the
 * schema has to look at it.
 */
export function plainEntries<Type extends string>(
  value: unknown,
  types: readonly Type[],
  most: number,
): {entries: PlainEntry<Type>[]} | undefined {
  const {entries: given} = fieldsOf(value) ?? {};
  if (!Array.isArray(given) || given.length > most) {
    return undefined;
  }

  const entries: PlainEntry<Type>[] = [];
  for (const one of given) {
    const entry = plainEntry(one, types);
    if (entry === undefined) {
      return undefined;
    }

    entries.push(entry);
  }

  return {entries};
}

function plainEntry<Type extends string>(
  value: unknown,
  types: readonly Type[],
): PlainEntry<Type> | undefined {
  const {name, type, size, mtimeMs} = fieldsOf(value) ?? {};
  const known = types.find(one => one === type);
  return known !== undefined &&
    typeof name === 'string' &&
    name.isWellFormed() &&
    isCount(size) &&
    typeof mtimeMs === 'number' &&
    Number.isFinite(mtimeMs)
    ? {name, type: known, size, mtimeMs}
    : undefined;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function fieldsOf(value: unknown): Record<string, unknown> | undefined {
  // Of an object that JSON gave, any field may be read.
  return typeof value === 'object' && value !== null
    ? (value as Record<string, unknown>)
    : undefined;
}
