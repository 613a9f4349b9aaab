/** A server that ssh starts on the other machine: its standard input and output are the way to it. */
import type {Buffer} from 'node:buffer';
import type {ChildProcessByStdio} from 'node:child_process';
import type {Readable, Writable} from 'node:stream';
import type {SshServer} from '../../../../../protocol/address.ts';
import type {Way, WayEvents} from '../way.ts';
import {LastWords} from './last-words.ts';
import type {Ssh} from './ssh.ts';
import {sshError} from './ssh-error.ts';

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

/** Begin to start a server there, once `ssh` is logged in. */
export function openSsh(server: SshServer, events: WayEvents, ssh: Ssh): Way {
  return new SshWay(server, events, ssh);
}

class SshWay implements Way {
  readonly #server: SshServer;
  readonly #events: WayEvents;
  readonly #ssh: Ssh;
  readonly #stop = new AbortController();
  #child: Child | undefined;
  /** Bytes that have come and not been read. */
  #kept: Buffer | undefined;
  #isReading = false;
  #hasAnswered = false;

  constructor(server: SshServer, events: WayEvents, ssh: Ssh) {
    this.#server = server;
    this.#events = events;
    this.#ssh = ssh;
    void this.#start();
  }

  get destroyed(): boolean {
    return this.#stop.signal.aborted;
  }

  write(bytes: Uint8Array): void {
    this.#child?.stdin.write(bytes);
  }

  resume(): void {
    // Whoever is in the middle of reading goes on by what `read` returns.
    if (!this.#isReading && !this.destroyed) {
      const kept = this.#kept;
      this.#kept = undefined;
      if (kept === undefined || this.#take(kept)) {
        this.#child?.stdout.resume();
      }
    }
  }

  destroy(): void {
    if (!this.destroyed) {
      this.#stop.abort();
      this.#kept = undefined;
      this.#child?.stdin.destroy();
      this.#child?.stdout.destroy();
      // A channel of a connection that lies still does not end by itself.
      this.#child?.kill();
    }
  }

  async #start(): Promise<void> {
    const {signal} = this.#stop;
    try {
      await this.#ssh.login(this.#server, {signal});
      if (!this.destroyed) {
        this.#listen(this.#ssh.channel(this.#server));
        this.#events.open(undefined);
        return;
      }
    } catch (error) {
      if (!this.destroyed) {
        this.#events.failed(error instanceof Error ? error : new Error(String(error)));
      }
    }

    this.#events.closed();
  }

  #listen(child: Child): void {
    this.#child = child;
    const words = new LastWords(child.stderr);
    child.stdout.on('data', (bytes: Buffer) => {
      if (!this.#take(bytes)) {
        child.stdout.pause();
      }
    });
    child.stdout.on('error', () => {});
    // How the process ends says why nothing can be written to it.
    child.stdin.on('error', () => {});
    child.on('error', error => this.#fail(this.#ssh.startError(error)));
    child.on('close', (status, signal) => {
      this.#fail(
        sshError(
          this.#server,
          {status: status ?? signal ?? 'an unknown signal', lines: words.lines},
          {
            hasAnswered: this.#hasAnswered,
            isSilent: true,
            remoteCommand: this.#ssh.remoteCommand,
          },
        ),
      );
      this.#events.closed();
    });
  }

  #fail(error: Error): void {
    if (!this.destroyed) {
      this.#events.failed(error);
    }
  }

  /** Copy `bytes` into the memory that is named for them. @returns whether to read on. */
  #take(bytes: Buffer): boolean {
    this.#hasAnswered = true;
    this.#isReading = true;
    let rest = bytes;
    try {
      while (rest.length > 0 && !this.destroyed) {
        const room = this.#events.room();
        const count = rest.copy(room);
        rest = rest.subarray(count);
        if (!this.#events.read(count, room)) {
          this.#kept = rest.length > 0 && !this.destroyed ? rest : undefined;
          return false;
        }
      }
    } finally {
      this.#isReading = false;
    }

    return !this.destroyed;
  }
}
