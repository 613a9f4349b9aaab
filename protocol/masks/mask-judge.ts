/**
 * Decides whether a name matches masks. The server searches with this rule, and the client rejects names that do not match
 * it. The regular expressions are those that fast-glob makes from the same masks.
 *
 * Some masks take exponential time with some names. The server judges on a thread, which it ends when the thread makes no
 * progress. The client judges only with masks that its user has typed, and gives up when judging is slow
 * (source/transfers/download/bounded-judge.ts).
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
   * Whether the masks include the file or folder `name`, and no mask excludes it.
   *
   * @param name a path under the searched folder, without a slash at its end.
   */
  matches(name: string, type: 'file' | 'folder'): boolean {
    return isMatch(this.#include, name, type) && !this.excludes(name, type);
  }

  /** Whether one of the masks excludes the file or folder `name`. */
  excludes(name: string, type: 'file' | 'folder'): boolean {
    return isMatch(this.#exclude, name, type);
  }
}

function isMatch(expressions: readonly RegExp[], name: string, type: 'file' | 'folder'): boolean {
  const path = hideLineEnds(name);
  // A mask with a slash at its end matches only folders.
  const forms = type === 'folder' ? [path, `${path}/`] : [path];
  return expressions.some(expression => forms.some(form => expression.test(form)));
}

/** Uses the same options as fast-glob in server/store/folder/find/find-worker.ts. */
function expressionOf(mask: string): RegExp {
  return picomatch.makeRe(mask, {
    dot: true,
    // The fast paths lose a literal backslash before some characters.
    fastpaths: false,
    nobrace: true,
    noext: true,
    nocase: false,
    posix: true,
    strictSlashes: false,
    windows: false,
  });
}
