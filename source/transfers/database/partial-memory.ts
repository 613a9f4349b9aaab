/**
 * What is known of partials without hashing them: the digests of blocks that were verified when a
 * partial was last written to. They count only while the file is as it was left then, and all they
 * do is save work: what is not known, or no longer true, is found out by hashing.
 */
import {Buffer} from 'node:buffer';
import type {DatabaseSync} from 'node:sqlite';
import {digestAlgorithms, digestSize} from '../../../protocol/block.ts';
import type {KnownPartial} from '../terms/known-partial.ts';

/** Digests of a larger partial (1 TiB) are not kept. */
const maxDigestBytes = 1_048_576 * digestSize;

const keptMs = 90 * 24 * 3_600_000;

export class PartialMemory {
  readonly #db: DatabaseSync;
  readonly #now: () => number;

  constructor(db: DatabaseSync, now: () => number) {
    this.#db = db;
    this.#now = now;
  }

  /** What was remembered of the partial of the final name `target`, an absolute path. */
  recall(target: string): KnownPartial | undefined {
    const row = this.#attempt(() =>
      this.#db
        .prepare('SELECT version, algorithm, state, digests FROM partial WHERE target = ?')
        .get(target),
    );
    return row === undefined ? undefined : knownPartial(row);
  }

  remember(target: string, {version, algorithm, state, digests}: KnownPartial): void {
    if (digests.length <= maxDigestBytes) {
      this.#attempt(() =>
        this.#db
          .prepare('INSERT OR REPLACE INTO partial VALUES (?, ?, ?, ?, ?, ?)')
          .run(target, version, algorithm, state, digests, this.#now()),
      );
    }
  }

  forget(target: string): void {
    this.#attempt(() => this.#db.prepare('DELETE FROM partial WHERE target = ?').run(target));
  }

  /** Forget what has been left alone for long. */
  prune(): void {
    this.#db.prepare('DELETE FROM partial WHERE abs(? - saved_ms) > ?').run(this.#now(), keptMs);
  }

  /** A database that is full or held by another client costs no download: all is hashed instead. */
  #attempt<Result>(work: () => Result): Result | undefined {
    try {
      return work();
    } catch {
      return undefined;
    }
  }
}

function knownPartial(row: Record<string, unknown>): KnownPartial | undefined {
  const {version, state, digests} = row;
  const algorithm = digestAlgorithms.find(known => known === row.algorithm);
  return algorithm !== undefined &&
    typeof version === 'string' &&
    typeof state === 'string' &&
    digests instanceof Uint8Array &&
    digests.length % digestSize === 0
    ? {version, algorithm, state, digests: Buffer.from(digests)}
    : undefined;
}
