/** The last looks at files that are, or were, on the screen. */
import type {RemotePath} from '../../../../protocol/remote-path.ts';
import type {CopyLook} from '../../../transfers/download/here/copy-look.ts';
import type {Verdict} from '../../../transfers/queue/queue.ts';

/** A look at the disk, and the last comparison of the file that was found. */
export type Seen = {
  readonly look: CopyLook;
  readonly verdict: Verdict | undefined;
  readonly atMs: number;
};

/** Most files that are remembered after they have left the screen. */
const mostSeen = 4000;

export class SeenFiles {
  /** The latest at the end. */
  readonly #seen = new Map<RemotePath, Seen>();

  get(path: RemotePath): Seen | undefined {
    return this.#seen.get(path);
  }

  /** @returns whether it differs from the last look. */
  set(path: RemotePath, seen: Seen): boolean {
    const before = this.#seen.get(path);
    this.#seen.delete(path);
    this.#seen.set(path, seen);
    const [oldest] = this.#seen.keys();
    if (oldest !== undefined && this.#seen.size > mostSeen) {
      this.#seen.delete(oldest);
    }

    return before === undefined || !isSame(before, seen);
  }

  /** `file` was compared. A look that found another file is out of date, and is forgotten. */
  judge(file: string, verdict: Verdict): void {
    const {remotePath, state} = verdict;
    const seen = this.#seen.get(remotePath);
    const {copy} = seen?.look ?? {};
    if (seen !== undefined && copy?.file === file && copy.state === state) {
      this.#seen.set(remotePath, {...seen, verdict});
    } else {
      this.#seen.delete(remotePath);
    }
  }

  /** Those of `paths` that were not looked up since `sinceMs`. */
  unseenSince(sinceMs: number, paths: Iterable<RemotePath>): RemotePath[] {
    return [...paths].filter(path => (this.#seen.get(path)?.atMs ?? sinceMs) <= sinceMs);
  }
}

function isSame(before: Seen, after: Seen): boolean {
  const {copy, partial} = after.look;
  return (
    copy?.file === before.look.copy?.file &&
    copy?.state === before.look.copy?.state &&
    partial?.file === before.look.partial?.file &&
    partial?.allocated === before.look.partial?.allocated &&
    after.verdict?.state === before.verdict?.state &&
    after.verdict?.equal === before.verdict?.equal &&
    after.verdict?.remote.version === before.verdict?.remote.version
  );
}
