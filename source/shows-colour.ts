type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The variable for which nothing is drawn with colours; undefined if there may be some. What `NO_COLOR` says counts
 * more than `FORCE_COLOR`, which may have come from a script.
 */
export function whyNoColour(
  environment: Environment,
): 'NO_COLOR' | 'FORCE_COLOR' | 'TERM' | undefined {
  const {NO_COLOR, FORCE_COLOR, TERM} = environment;
  if (NO_COLOR !== undefined && NO_COLOR !== '') {
    return 'NO_COLOR';
  }

  if (FORCE_COLOR === '0' || FORCE_COLOR === 'false') {
    return 'FORCE_COLOR';
  }

  return TERM === 'dumb' ? 'TERM' : undefined;
}
