/**
 * Whether the terminal shows more than ASCII. It does not if `JANGADA_ASCII` asks for ASCII, if the locale is not a
 * UTF-8 one, or on the bare consoles whose font lacks the characters. `JANGADA_ASCII=0` says that it does.
 */
export function showsUnicode(
  environment: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform = process.platform,
): boolean {
  const asked = environment.JANGADA_ASCII;
  if (asked !== undefined && asked !== '') {
    return asked === '0';
  }

  if (environment.TERM === 'linux' || environment.TERM === 'dumb') {
    return false;
  }

  // Windows has no locale variables, and its terminal shows UTF-8.
  if (platform === 'win32') {
    return true;
  }

  const locale = [environment.LC_ALL, environment.LC_CTYPE, environment.LANG].find(
    value => value !== undefined && value !== '',
  );
  return /utf-?8/i.test(locale ?? '');
}
