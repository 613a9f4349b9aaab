/**
 * Splits text into clusters of characters, for the packages that draw the screen: `scripts/faster-packages.ts` makes
 * them use this object instead of an `Intl.Segmenter` of their own. Making one of those takes a tenth of the time of
 * the first frame, and calling it takes most of the time of a later frame.
 */

// In a text of only these, each character is a cluster: none of them combines with another.
const lone =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they stand in the sequences that packages segment, too
  /^[\0-\f\x0E-\xAC\xAE-\u02FF\u0370-\u0482\u048A-\u052F\u2010-\u2027\u2030-\u205E\u2190-\u2BFF\u3041-\u3096\u30A1-\u30FA\u4E00-\u9FFF]*$/;

/** In a text of only these, each character takes one column. */
export const oneColumn =
  /^[ -~\xA1-\xAC\xAE-\u02FF\u0370-\u0482\u048A-\u052F\u2010-\u2027\u2030-\u205E\u2190-\u22FF\u2500-\u25FC\u2713\u2717\u2800-\u28FF]*$/;

let any: Intl.Segmenter | undefined;

type Cluster = {readonly segment: string; readonly index: number; readonly input: string};

type Clusters = Iterable<Cluster> & {
  /** The cluster that the code unit at `index` is in; undefined outside of the text. */
  containing(index?: number): Cluster | undefined;
};

export const segmenter = {
  /** The clusters that an `Intl.Segmenter` finds in `text`. */
  segment(text: string): Clusters {
    if (lone.test(text)) {
      return charactersOf(text);
    }

    any ??= new Intl.Segmenter(undefined, {granularity: 'grapheme'});
    return any.segment(text);
  },
};

function charactersOf(input: string): Clusters {
  return {
    containing: (index = 0) => {
      const segment = input.charAt(index);
      return segment === '' ? undefined : {segment, index, input};
    },
    [Symbol.iterator]() {
      const clusters: Cluster[] = [];
      for (let index = 0; index < input.length; index++) {
        clusters.push({segment: input.charAt(index), index, input});
      }

      return clusters.values();
    },
  };
}
