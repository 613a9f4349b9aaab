/** The escaped form of keys in URLs and listings. */

/** Escape every byte of `text` except letters, digits and `-._~`. */
export function escaped(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    sign => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** Escape `key` for the path of a URL. */
export function escapedKey(key: string): string {
  return key.split('/').map(escaped).join('/');
}

/** Unescape a key from a listing; undefined if its bytes are not UTF-8. */
export function unescapedKey(text: string): string | undefined {
  try {
    // Some services write a space as `+`; a plus sign itself is always escaped.
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}
