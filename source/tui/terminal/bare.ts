type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Whether the terminal of `environment` does no more than draw: the console of Linux, one that calls
 * itself dumb, and one of which nothing is known. It is asked nothing and told nothing else: it might
 * show that as text.
 */
export function isBare({TERM = '', ...environment}: Environment): boolean {
  if (TERM !== '') {
    return TERM === 'linux' || TERM === 'dumb';
  }

  // Terminals of Windows have names of their own.
  const {WT_SESSION, ConEmuANSI, TERM_PROGRAM} = environment;
  return WT_SESSION === undefined && ConEmuANSI === undefined && TERM_PROGRAM === undefined;
}
