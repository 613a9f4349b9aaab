/** Plans which keys of a bucket to list for masks: only keys that begin with the literal beginning of a mask. */
import {showLineEnds} from '../../../../protocol/masks/mask-line-ends.ts';

/** Keys to list. */
export type Scan = {
  /** The beginning of paths below the searched folder. */
  prefix: string;
  /** Whether to list the folders below, too. */
  isDeep: boolean;
};

/** `names` are paths without wildcards; no two scans overlap. */
export type ScanPlan = {names: string[]; scans: Scan[]};

/** @param globs the includes of prepared masks. */
export function planScans(globs: readonly string[]): ScanPlan {
  const names = new Set<string>();
  const scans: Scan[] = [];
  for (const glob of globs) {
    const {text, rest} = literalStart(glob);
    const prefix = showLineEnds(text);
    if (!prefix.isWellFormed()) {
      // The beginning is not UTF-8, and keys are: no key begins with it.
      continue;
    }

    if (rest === '') {
      names.add(prefix.replace(/\/$/, ''));
    } else {
      scans.push({prefix, isDeep: rest.includes('**') || rest.slice(0, -1).includes('/')});
    }
  }

  scans.sort((one, other) => (one.prefix < other.prefix ? -1 : 1));
  return {names: [...names], scans: scans.reduce<Scan[]>(withScan, [])};
}

/** Add `next` to `scans`; its prefix sorts after theirs. */
function withScan(scans: Scan[], next: Scan): Scan[] {
  const last = scans.at(-1);
  if (last === undefined || !next.prefix.startsWith(last.prefix)) {
    return [...scans, next];
  }

  last.isDeep ||= next.isDeep || folderOf(next.prefix) !== folderOf(last.prefix);
  return scans;
}

function folderOf(prefix: string): string {
  return prefix.slice(0, prefix.lastIndexOf('/') + 1);
}

/** The literal text at the beginning of `glob`, and the rest of the glob. */
function literalStart(glob: string): {text: string; rest: string} {
  const [start = ''] = /^(?:\\.|[^\\*?[])*/s.exec(glob) ?? [];
  return {text: start.replace(/\\(.)/gs, '$1'), rest: glob.slice(start.length)};
}
