/**
 * Whether a name matches masks: one rule for the server, which searches with them, and for the
 * client, which believes no name that they do not match. The expressions are those that fast-glob
 * makes from the same masks.
 *
 * Some masks take exponential time with some names. The server judges on a thread that is ended
 * from outside when it makes no progress. The client judges only by masks that its user has typed,
 * and gives up when names are slow to judge (source/transfers/download/bounded-judge.ts).
 */
import picomatch from 'picomatch';
import {hideLineEnds} from './mask-line-ends.ts';
import type {PreparedMasks} from './masks.ts';

export class MaskJudge {
  readonly #include: readonly RegExp[];
  readonly #exclude: readonly RegExp[];

  constructor({include, exclude}: PreparedMasks) {
    this.#include = include.map(expressionOf);
    this.#exclude = exclude.map(expressionOf);
  }

  /**
   * Whether the masks include the file or folder called `name`, and none excludes it.
   *
   * @param name a path under the folder that is searched, without a slash at its end.
   */
  matches(name: string, type: 'file' | 'folder'): boolean {
    return isMatch(this.#include, name, type) && !this.excludes(name, type);
  }

  /** Whether one of the masks excludes the file or folder called `name`. */
  excludes(name: string, type: 'file' | 'folder'): boolean {
    return isMatch(this.#exclude, name, type);
  }
}

function isMatch(expressions: readonly RegExp[], name: string, type: 'file' | 'folder'): boolean {
  const path = hideLineEnds(name);
  // A mask with a slash at its end matches folders alone.
  const forms = type === 'folder' ? [path, `${path}/`] : [path];
  return expressions.some(expression => forms.some(form => expression.test(form)));
}

/** The options are those that fast-glob passes on, see server/store/folder/find/find-worker.ts. */
function expressionOf(mask: string): RegExp {
  return picomatch.makeRe(mask, {
    dot: true,
    // The fast paths lose a literal backslash before other signs.
    fastpaths: false,
    nobrace: true,
    noext: true,
    nocase: false,
    posix: true,
    strictSlashes: false,
    windows: false,
  });
}
