/** Names that mean something else to Windows than what they say. */

const deviceName = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(?:\..*)?$/i;

/** Why Windows must not be asked for `path`; undefined if it may be. */
export function whyNotWindowsPath(path: string): string | undefined {
  if (path === '') {
    return undefined;
  }

  for (const name of path.split('/')) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: Windows refuses them
    if (/[\u0000-\u001f\\:*?"<>|]/.test(name)) {
      return 'a name has a character that Windows gives a meaning';
    }

    if (/[. ]$/.test(name)) {
      return 'a name ends in a dot or a space, which Windows drops';
    }

    if (deviceName.test(name)) {
      return 'a name is that of a device';
    }
  }

  return undefined;
}
