type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Whether the terminal of `environment` can only draw: the Linux console, a terminal called dumb, and an unknown one.
 * No queries or other sequences are sent to it, because it might show them as text.
 */
export function isBare({TERM = '', ...environment}: Environment): boolean {
  if (TERM !== '') {
    return TERM === 'linux' || TERM === 'dumb';
  }

  // Terminals of Windows set these variables instead of TERM.
  const {WT_SESSION, ConEmuANSI, TERM_PROGRAM} = environment;
  return WT_SESSION === undefined && ConEmuANSI === undefined && TERM_PROGRAM === undefined;
}
