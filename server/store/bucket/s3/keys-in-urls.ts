/** Keys as they stand in URLs and in listings. */

/** `text` with every byte escaped that is neither a letter, a digit nor one of `-._~`. */
export function escaped(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    sign => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** `key` in the path of a URL. */
export function escapedKey(key: string): string {
  return key.split('/').map(escaped).join('/');
}

/** The key that a listing has escaped; undefined if its bytes are not UTF-8. */
export function unescapedKey(text: string): string | undefined {
  try {
    // Some services write a space as `+`; a plus sign itself is always escaped.
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}
