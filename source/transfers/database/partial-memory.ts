/**
 * Remembers digests of partials, so that they need not be hashed again: the digests of blocks that were verified when
 * the partial was last written. They count only while the file has not changed since. They only save work: a block
 * without a known digest is hashed.
 */
import {Buffer} from 'node:buffer';
import {digestAlgorithms, digestSize} from '../../../protocol/block.ts';
import type {KnownPartial} from '../terms/known-partial.ts';
import type {Statements} from './sqlite/statements.ts';

/** The digests of larger partials (over 1 TiB) are not kept. */
const maxDigestBytes = 1_048_576 * digestSize;

const keptMs = 90 * 24 * 3_600_000;

export class PartialMemory {
  readonly #statements: Statements;
  readonly #now: () => number;

  constructor(statements: Statements, now: () => number) {
    this.#statements = statements;
    this.#now = now;
  }

  /** The digests of the partial of the final name `target`, an absolute path. */
  recall(target: string): KnownPartial | undefined {
    const row = this.#attempt(() =>
      this.#statements.get(
        'SELECT version, algorithm, state, digests FROM partial WHERE target = ?',
        target,
      ),
    );
    return row === undefined ? undefined : knownPartial(row);
  }

  remember(target: string, {version, algorithm, state, digests}: KnownPartial): void {
    if (digests.length <= maxDigestBytes) {
      this.#attempt(() =>
        this.#statements.run(
          'INSERT OR REPLACE INTO partial VALUES (?, ?, ?, ?, ?, ?)',
          target,
          version,
          algorithm,
          state,
          digests,
          this.#now(),
        ),
      );
    }
  }

  forget(target: string): void {
    this.#attempt(() => this.#statements.run('DELETE FROM partial WHERE target = ?', target));
  }

  /** Forget partials that nobody has written to for 90 days. */
  prune(): void {
    this.#statements.run('DELETE FROM partial WHERE abs(? - saved_ms) > ?', this.#now(), keptMs);
  }

  /** A database that is full, or locked by another client, must not stop a download: everything is hashed instead. */
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
