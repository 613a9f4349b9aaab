/** Places that are being saved to: clients that share a database never write to one together. */
import type {QueueStatements} from './queue-statements.ts';
import type {Owner, StoredOwners} from './stored-owners.ts';

export class StoredLocks {
  readonly #statements: QueueStatements;
  readonly #owners: StoredOwners;

  constructor(statements: QueueStatements, owners: StoredOwners) {
    this.#statements = statements;
    this.#owners = owners;
  }

  /**
   * Have these places (absolute paths of final names) for this client alone, so that two never write
   * one partial.
   *
   * @param released Places to let go of in the same transaction.
   * @returns the places that others have, with who it is; the rest is locked until `unlock`.
   */
  lock(targets: readonly string[], released: readonly string[] = []): Map<string, Owner> {
    const all = JSON.stringify(targets);
    const {own} = this.#owners;
    return this.#statements.change(() => {
      this.#release(released);
      this.#statements.run(
        'INSERT INTO lock SELECT value, ? FROM json_each(?) WHERE true ON CONFLICT DO NOTHING',
        own,
        all,
      );
      const held = new Map<string, Owner>();
      const others = this.#statements.all(
        'SELECT target, owner FROM lock WHERE target IN (SELECT value FROM json_each(?)) AND owner <> ?',
        all,
        own,
      );
      for (const {target, owner} of others) {
        if (this.#owners.isAlive(owner)) {
          held.set(String(target), this.#owners.find(String(owner)));
        } else {
          this.#statements.run('UPDATE lock SET owner = ? WHERE target = ?', own, String(target));
        }
      }

      return held;
    });
  }

  unlock(targets: readonly string[]): void {
    this.#statements.change(() => this.#release(targets));
  }

  /** Let go of all that this client has. */
  forgetOwn(): void {
    this.#statements.run('DELETE FROM lock WHERE owner = ?', this.#owners.own);
  }

  /** Forget those of clients that are not known any more. */
  prune(): void {
    this.#statements.run('DELETE FROM lock WHERE owner NOT IN (SELECT name FROM owner)');
  }

  #release(targets: readonly string[]): void {
    if (targets.length > 0) {
      this.#statements.run(
        'DELETE FROM lock WHERE owner = ? AND target IN (SELECT value FROM json_each(?))',
        this.#owners.own,
        JSON.stringify(targets),
      );
    }
  }
}
