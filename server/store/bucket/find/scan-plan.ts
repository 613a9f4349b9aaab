/** Which keys of a bucket have to be looked at for masks: those that begin as a mask does, and no others. */
import {showLineEnds} from '../../../../protocol/masks/mask-line-ends.ts';

/** Keys to list. */
export type Scan = {
  /** Of the path under the folder that is searched. */
  prefix: string;
  /** Whether the folders below are looked into, too. */
  isDeep: boolean;
};

/** `names` are paths without any wildcard; no scan has keys of another one. */
export type ScanPlan = {names: string[]; scans: Scan[]};

/** @param globs the includes of prepared masks. */
export function planScans(globs: readonly string[]): ScanPlan {
  const names = new Set<string>();
  const scans: Scan[] = [];
  for (const glob of globs) {
    const {text, rest} = literalStart(glob);
    const prefix = showLineEnds(text);
    if (!prefix.isWellFormed()) {
      // Keys are UTF-8, so that none begins with it.
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

/** `scans` with `next`, whose prefix is not before theirs. */
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

/** The text that everything begins with that `glob` matches, and what follows it in the glob. */
function literalStart(glob: string): {text: string; rest: string} {
  const [start = ''] = /^(?:\\.|[^\\*?[])*/s.exec(glob) ?? [];
  return {text: start.replace(/\\(.)/gs, '$1'), rest: glob.slice(start.length)};
}
