type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The variable that turns colours off; undefined if colours are allowed. `NO_COLOR` wins over `FORCE_COLOR`, which a
 * script may have set.
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
