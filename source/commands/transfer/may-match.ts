/**
 * Whether a name that a server found can have been meant by the masks. It says no only where that
 * is certain; a mask that it does not understand fully, it takes for one that may match.
 */
/** `{a,b}` may stand for so many masks; beyond, any name may match. */
const mostAlternatives = 256;

export function mayMatch(name: string, masks: readonly string[], isFolder = false): boolean {
  const including = masks.filter(mask => !mask.startsWith('!'));
  // Excludes alone are from everything.
  return including.length === 0 || including.some(mask => mayMatchOne(name, mask, isFolder));
}

function mayMatchOne(name: string, mask: string, isFolder: boolean): boolean {
  if (/[\\()]/.test(mask)) {
    return true;
  }

  const alternatives = expandBraces(mask);
  const parts = name.split('/');
  return (
    alternatives === undefined ||
    alternatives.some(alternative =>
      wildcard(maskParts(alternative, isFolder), parts, part => part === '**', partMatches),
    )
  );
}

/** Of slashes in a row one counts; one at the end leaves only folders. */
function maskParts(mask: string, isFolder: boolean): string[] {
  const parts = mask.replace(/\/+/g, '/').split('/');
  return isFolder && parts.at(-1) === '' ? parts.slice(0, -1) : parts;
}

/** The masks that `{a,b}` in `mask` stand for, inner ones too; undefined if they are too many. */
function expandBraces(mask: string): string[] | undefined {
  const done: string[] = [];
  const left = [mask];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const inner = /\{([^{}]*)\}/.exec(next);
    if (inner === null) {
      done.push(next);
    } else {
      const [whole, choices = ''] = inner;
      const before = next.slice(0, inner.index);
      const after = next.slice(inner.index + whole.length);
      // A range such as {1..9}, or braces that stand for themselves: anything may be there.
      const parts = choices.includes(',') ? choices.split(',') : ['*'];
      left.push(...parts.map(part => before + part + after));
    }

    if (done.length + left.length > mostAlternatives) {
      return undefined;
    }
  }

  return done;
}

function partMatches(mask: string, part: string): boolean {
  if (/[?[\]{}]/.test(mask) && /[^\u0020-\u007e]/.test(part)) {
    // What is one character is not the same for everybody.
    return true;
  }

  const units = mask.replaceAll(/\[[^\]]*\]+/g, '?').split('');
  return wildcard(
    units,
    part.split(''),
    unit => unit === '*',
    (unit, character) => unit === '?' || unit === character,
  );
}

/** Matches `text` one by one, where a star stands for any number. Takes at most their product. */
function wildcard(
  pattern: readonly string[],
  text: readonly string[],
  isStar: (unit: string) => boolean,
  matches: (unit: string, character: string) => boolean,
): boolean {
  let at = 0;
  let starAt = -1;
  let starFrom = 0;
  for (let character = 0; character < text.length; ) {
    const unit = pattern[at];
    if (unit !== undefined && isStar(unit)) {
      starAt = at++;
      starFrom = character;
    } else if (unit !== undefined && matches(unit, text[character] ?? '')) {
      at++;
      character++;
    } else if (starAt === -1) {
      return false;
    } else {
      at = starAt + 1;
      character = ++starFrom;
    }
  }

  return pattern.slice(at).every(isStar);
}
