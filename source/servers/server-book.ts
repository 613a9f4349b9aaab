/**
 * The servers that a user knows, in a small file that all of the user's clients share. A change is made
 * to what the file has at that moment, under a lock, so that no client undoes what another one wrote.
 */
import {dirname, join} from 'node:path';
import type {Address} from '../../protocol/address.ts';
import {displayName} from '../../protocol/display-text.ts';
import {JangadaError, systemErrorCode} from '../../protocol/errors.ts';
import {SystemLock} from '../transfers/database/locks/system-lock.ts';
import {makePath} from '../transfers/system/make-path.ts';
import {afterNaming, afterUse, type KnownServer, without} from './known-server.ts';
import {putAside, readServersFile, writeServersFile} from './servers-file.ts';

type Change = (servers: readonly KnownServer[]) => readonly KnownServer[];

/** How long a change waits for another client that writes: keys wait, too. */
const patienceMs = 500;
const againEveryMs = 5;

export class ServerBook {
  readonly #file: string | undefined;
  readonly #nowMs: () => number;
  readonly #sshHosts: () => readonly Address[];
  #servers: readonly KnownServer[] = [];
  #unwritten: Change[] = [];
  #trouble: string | undefined;

  /**
   * @param folder where the file `servers.json` is, or will be. Default: the list ends with this process.
   * @param sshHosts the hosts that the configuration of ssh names. Default: none.
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

  /** A sentence about a list that could not be read or written, if that is so. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  /** Servers that this user may know, though not from here: the hosts of ssh, as they are now. */
  proposed(): readonly Address[] {
    return this.#sshHosts();
  }

  /** All of them as they are now, in no order. */
  list(): readonly KnownServer[] {
    const file = this.#file;
    if (file !== undefined) {
      this.#attempt('read', () => this.#read(file));
    }

    return this.#servers;
  }

  /** The server was connected to, or left; the folder of `address` is the one to come back to. */
  used(address: Address): void {
    const usedMs = this.#nowMs();
    this.#change(servers => afterUse(servers, address, usedMs));
  }

  /** Make the server a bookmark called `label`; undefined: it is none any more. */
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
      ? 'The list of servers is damaged. The next change begins it anew, and keeps the old one aside'
      : // It could not be written, and still says so.
        this.#unwritten.length === 0
        ? undefined
        : this.#trouble;
  }

  /** @returns a sentence about the file, if there is something to say. */
  #write(file: string): string | undefined {
    makePath(dirname(file));
    using lock = new SystemLock(join(dirname(file), 'locks', 'servers'));
    take(lock);
    const read = readServersFile(file);
    const servers = this.#unwritten.reduce<readonly KnownServer[]>(applied, read ?? []);
    const aside = read === undefined ? putAside(file) : undefined;
    writeServersFile(file, servers);
    this.#servers = servers;
    this.#unwritten = [];
    return aside === undefined
      ? undefined
      : `The list of servers was damaged and is begun anew. The old one is kept as ${displayName(aside)}`;
  }

  /** A list that cannot be read or written is no reason to stop: `trouble` says so. */
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

/** @throws JangadaError `local_io` if another client holds it for too long. */
function take(lock: SystemLock): void {
  const untilMs = performance.now() + patienceMs;
  while (!lock.take()) {
    if (performance.now() > untilMs) {
      throw new JangadaError('local_io', 'another jangada is writing it, and does not end');
    }

    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, againEveryMs);
  }
}
