/** Prints the failures of one run: each file is named, but a cause that thousands of files share is printed once. */
import {displayName} from '../../../protocol/display-text.ts';
import {type ErrorCode, isServerLost} from '../../../protocol/errors.ts';
import {count} from '../format.ts';

/** Most files that are named for one cause, on standard error. */
const mostOfOneCause = 20;

/** Most causes that are told apart; a failure of a further cause is always named. */
const mostCauses = 1000;

/** Most failures that the summary names. */
const mostInSummary = 1000;

type Cause = {
  /** `NAME: REASON` of the first failure. */
  readonly first: string;
  readonly reason: string;
  /** Whether all remaining files fail for this cause, too. Then none is named before all are counted. */
  readonly concernsAll: boolean;
  failures: number;
};

export class Failures {
  readonly #print: (line: string) => void;
  readonly #causes = new Map<string, Cause>();
  readonly #named: string[] = [];

  /** @param print gets lines that are safe to show. */
  constructor(print: (line: string) => void) {
    this.#print = print;
  }

  add(name: string, code: ErrorCode, why: string): void {
    const reason = displayName(why);
    const line = `${displayName(name)}: ${reason}`;
    const cause = this.#causeOf(keyOf(name, code, why), {
      ...{first: line, reason, concernsAll: isServerLost(code), failures: 0},
    });
    cause.failures++;
    if (!cause.concernsAll && cause.failures <= mostOfOneCause) {
      this.#print(line);
    }

    if (this.#named.length < mostInSummary) {
      this.#named.push(line);
    }
  }

  /** Print how many failures were not named. */
  end(): void {
    for (const {first, reason, concernsAll, failures} of this.#causes.values()) {
      if (concernsAll) {
        this.#print(failures === 1 ? first : `${count(failures, 'file')} not fetched: ${reason}`);
      } else if (failures > mostOfOneCause) {
        this.#print(`and ${failures - mostOfOneCause} more like ${first}`);
      }
    }
  }

  /** All failures again, for the summary: the first lines may have scrolled away. */
  lines(failed: number): string {
    const more = failed - this.#named.length;
    return [...this.#named, ...(more > 0 ? [`and ${more} more: --json names each`] : [])]
      .map(line => `failed  ${line}\n`)
      .join('');
  }

  #causeOf(key: string, cause: Cause): Cause {
    const known = this.#causes.get(key);
    if (known === undefined && this.#causes.size < mostCauses) {
      this.#causes.set(key, cause);
    }

    return known ?? cause;
  }
}

/** A key that all files which fail for one cause share, although its sentence names the file. */
function keyOf(name: string, code: ErrorCode, why: string): string {
  // With a full disk each file needs another number of bytes, and each unexpected file has its own digest: such causes
  // are compared by their code.
  return code === 'no_space' || code === 'unexpected'
    ? code
    : `${code} ${why.replaceAll(`/${name}`, '/').replaceAll(`'${name}'`, "''")}`;
}
