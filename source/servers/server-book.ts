/**
 * The servers that a user knows, in a small file that all of the user's clients share. A change reads the file, changes
 * it and writes it under a lock, so that no client undoes the change of another.
 */
import {dirname, join} from 'node:path';
import type {Address} from '../../protocol/address.ts';
import {displayName} from '../../protocol/display-text.ts';
import {JangadaError, systemErrorCode} from '../../protocol/errors.ts';
import {underLock} from '../../protocol/program/under-lock.ts';
import {afterNaming, afterUse, type KnownServer, without} from './known-server.ts';
import {putAside, readServersFile, writeServersFile} from './servers-file.ts';

type Change = (servers: readonly KnownServer[]) => readonly KnownServer[];

/** How long a change waits for another client that writes; keys wait meanwhile, too. */
const patienceMs = 500;

export class ServerBook {
  readonly #file: string | undefined;
  readonly #nowMs: () => number;
  readonly #sshHosts: () => readonly Address[];
  #servers: readonly KnownServer[] = [];
  #unwritten: Change[] = [];
  #trouble: string | undefined;

  /**
   * @param folder the folder of the file `servers.json`. Default: the list ends with this process.
   * @param sshHosts the hosts in the configuration of ssh. Default: none.
   */
  constructor(
    folder: string | undefined,
    nowMs: () => number = Date.now,
    sshHosts: () => readonly Address[] = () => [],
  ) {
    this.#file = folder === undefined ? undefined : join(folder, 'servers.json');
    this.#nowMs = nowMs;
    this.#sshHosts = sshHosts;
  }

  /** A sentence about a list that could not be read or written; undefined if all is well. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  /** Servers that this user may know from elsewhere: the present hosts in the configuration of ssh. */
  proposed(): readonly Address[] {
    return this.#sshHosts();
  }

  /** All servers at this moment, in no order. */
  list(): readonly KnownServer[] {
    const file = this.#file;
    if (file !== undefined) {
      this.#attempt('read', () => this.#read(file));
    }

    return this.#servers;
  }

  /** Remember that the server was used; the folder of `address` is shown at the next visit. */
  used(address: Address): void {
    const usedMs = this.#nowMs();
    this.#change(servers => afterUse(servers, address, usedMs));
  }

  /** Make the server a bookmark called `label`; with undefined it is not a bookmark any more. */
  name(address: Address, label: string | undefined): void {
    this.#change(servers => afterNaming(servers, address, label));
  }

  forget(address: Address): void {
    this.#change(servers => without(servers, address));
  }

  #change(change: Change): void {
    this.#servers = change(this.#servers);
    const file = this.#file;
    if (file !== undefined) {
      this.#unwritten.push(change);
      this.#attempt('written', () => this.#write(file));
    }
  }

  /** @returns a sentence about the file, if there is something to say. */
  #read(file: string): string | undefined {
    const read = readServersFile(file);
    this.#servers = this.#unwritten.reduce<readonly KnownServer[]>(applied, read ?? []);
    return read === undefined
      ? 'The list of servers is damaged. With the next change jangada starts a new list and keeps the damaged one in another file'
      : // It could not be written, and still says so.
        this.#unwritten.length === 0
        ? undefined
        : this.#trouble;
  }

  /** @returns a sentence about the file, if there is something to say. */
  #write(file: string): string | undefined {
    // Older versions use a lock at the same place.
    const lock = join(dirname(file), 'locks', 'servers');
    const aside = underLock(file, () => this.#writeChanges(file), {lock, patienceMs});
    return aside === undefined
      ? undefined
      : `The list of servers was damaged. jangada started a new list and keeps the damaged one as ${displayName(aside)}`;
  }

  /** @returns the new path of a damaged file. */
  #writeChanges(file: string): string | undefined {
    const read = readServersFile(file);
    const servers = this.#unwritten.reduce<readonly KnownServer[]>(applied, read ?? []);
    const aside = read === undefined ? putAside(file) : undefined;
    writeServersFile(file, servers);
    this.#servers = servers;
    this.#unwritten = [];
    return aside;
  }

  /** A list that cannot be read or written does not stop the program: `trouble` tells the user. */
  #attempt(deed: 'read' | 'written', act: () => string | undefined): void {
    try {
      this.#trouble = act();
    } catch (error) {
      if (!(error instanceof JangadaError) && systemErrorCode(error) === undefined) {
        throw error;
      }

      const why = error instanceof Error ? error.message : String(error);
      this.#trouble = `The list of servers could not be ${deed}: ${displayName(why)}`;
    }
  }
}

const applied = (servers: readonly KnownServer[], change: Change): readonly KnownServer[] =>
  change(servers);
