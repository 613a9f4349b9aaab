type Environment = Readonly<Record<string, string | undefined>>;

/** The variable for which nothing is drawn with colours; undefined if there may be some. */
export function whyNoColour({NO_COLOR, TERM}: Environment): 'NO_COLOR' | 'TERM' | undefined {
  if (NO_COLOR !== undefined && NO_COLOR !== '') {
    return 'NO_COLOR';
  }

  return TERM === 'dumb' ? 'TERM' : undefined;
}
