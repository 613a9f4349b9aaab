/**
 * A fast check for entries whose names are text, as nearly all are. A listing or a search may have millions of entries, and
 * the schema check would take as long as all other work. The schema checks the rest, and describes errors.
 */

type PlainEntry<Type extends string> = {name: string; type: Type; size: number; mtimeMs: number};

/**
 * `value` as a message with at most `most` entries of the given `types`, without unknown fields; undefined if the schema
 * has to check it.
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
  // Reading any field of an object from JSON is safe.
  return typeof value === 'object' && value !== null
    ? (value as Record<string, unknown>)
    : undefined;
}
