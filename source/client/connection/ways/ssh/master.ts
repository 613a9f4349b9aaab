/** One connection of ssh to another machine, kept by a process of ssh that all channels go through. */
import {type ChildProcess, spawn, spawnSync} from 'node:child_process';
import {rmSync} from 'node:fs';
import {connect} from 'node:net';
import process from 'node:process';
import type {Readable} from 'node:stream';
import type {SshServer} from '../../../../../protocol/address.ts';
import {aborted, isJangadaError, throwIfAborted} from '../../../../../protocol/errors.ts';
import {cipherWords} from './cheap-cipher.ts';
import {LastWords} from './last-words.ts';
import {relayWords} from './relay-words.ts';
import {sshError} from './ssh-error.ts';

/** Gives the terminal to `during`, and takes it back when that has ended. */
export type Ask = (during: () => Promise<void>) => Promise<void>;

type MasterOptions = {
  readonly server: SshServer;
  readonly program: string;
  readonly words: readonly string[];
  readonly destination: readonly string[];
  /** Where its socket is, or will be. */
  readonly socketPath: string;
  readonly remoteCommand: string;
  readonly startError: (error: Error) => Error;
};

type LoginOptions = {
  readonly signal?: AbortSignal | undefined;
  readonly mayAsk?: boolean | undefined;
  readonly lend?: Ask | undefined;
};

/** The connection ends by itself without a channel for so long: this process may be killed. */
const persistSeconds = 60;
/** To be answered by a process on this machine. */
const patienceMs = 2000;

const keeping = [
  ...['-M', '-N', '-f', `-oControlPersist=${persistSeconds}`],
  ...['-oConnectTimeout=15', '-oServerAliveInterval=5', '-oServerAliveCountMax=3'],
];

export class Master {
  readonly #options: MasterOptions;
  /** The login that is under way, for all that wait for it. */
  #login: Promise<void> | undefined;
  #waiting = 0;
  #child: ChildProcess | undefined;
  #wasThere = false;
  #isClosed = false;

  constructor(options: MasterOptions) {
    this.#options = options;
  }

  get socketPath(): string {
    return this.#options.socketPath;
  }

  /** Resolves once there is a connection. @throws as `Ssh.login`. */
  async login({signal, mayAsk = false, lend}: LoginOptions): Promise<void> {
    throwIfAborted(signal);
    if (this.#waiting === 0) {
      await this.#login?.catch(() => {
        // Given up by all who waited for it.
      });
    }

    this.#login ??= this.#logIn(mayAsk, lend).finally(() => {
      this.#login = undefined;
    });
    this.#waiting++;
    const onAbort = Promise.withResolvers<never>();
    const abort = (): void => onAbort.reject(aborted());
    signal?.addEventListener('abort', abort, {once: true});
    try {
      await Promise.race([this.#login, onAbort.promise]);
    } finally {
      signal?.removeEventListener('abort', abort);
      if (--this.#waiting === 0) {
        this.#child?.kill();
      }
    }
  }

  async #logIn(mayAsk: boolean, lend: Ask | undefined): Promise<void> {
    if (await this.#isThere()) {
      return;
    }

    if (!mayAsk) {
      await this.#start(false);
      return;
    }

    if (lend === undefined) {
      await this.#start(true);
      return;
    }

    try {
      // Whoever has a key or an agent sees nothing of it.
      await this.#start(false);
    } catch (error) {
      if (!isJangadaError(error, 'unauthorized', 'untrusted')) {
        throw error;
      }

      await lend(() => this.#start(true));
    }
  }

  /** Whether the process that keeps the connection is there. */
  #isThere(): Promise<boolean> {
    if (!this.#wasThere) {
      return Promise.resolve(false);
    }

    return new Promise(resolve => {
      const socket = connect(this.socketPath);
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
      socket.once('close', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
  }

  async #start(asks: boolean): Promise<void> {
    const {destination, program, remoteCommand, server, startError, words} = this.#options;
    const ciphers = await cipherWords(program, [...words, ...destination]);
    if (this.#isClosed || this.#waiting === 0) {
      throw aborted();
    }

    // With one that a process has left that was killed, ssh would keep a connection that nobody can use.
    rmSync(this.socketPath, {force: true});
    const child = spawn(
      program,
      [
        // What --ssh says comes first, and wins.
        ...[...words, ...ciphers, ...keeping, '-S', this.socketPath],
        ...(asks ? [] : ['-oBatchMode=yes']),
        ...destination,
      ],
      // Without a terminal of its own it cannot ask.
      {stdio: [asks ? 'inherit' : 'ignore', 'ignore', 'pipe'], detached: !asks, windowsHide: true},
    );
    this.#child = child;
    // The kinds of the streams follow from `stdio`.
    const stderr = child.stderr as Readable;
    const said = new LastWords(stderr);
    if (asks) {
      relayWords(stderr, process.stderr);
    }

    try {
      // The process that stays may keep its standard error: it is not waited for.
      const status = await new Promise<number | NodeJS.Signals>((resolve, reject) => {
        child.once('error', error => reject(startError(error)));
        child.once('exit', (code, signal) => {
          setImmediate(() => resolve(code ?? signal ?? 'SIGKILL'));
        });
      });
      if (status !== 0) {
        throw this.#waiting === 0 || status === 'SIGINT'
          ? aborted('ssh was interrupted')
          : sshError(
              server,
              {status, lines: said.lines},
              {hasAnswered: false, isSilent: !asks, remoteCommand},
            );
      }

      this.#wasThere = true;
    } finally {
      this.#child = undefined;
      stderr.destroy();
    }
  }

  /** End the connection; resolves when the process that keeps it knows. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#child?.kill();
    await this.#login?.catch(() => {
      // Told to those who wait for it.
    });
    if (!this.#wasThere) {
      return;
    }

    const child = spawn(this.#options.program, this.#exitWords, {stdio: 'ignore', detached: true});
    const timer = setTimeout(() => child.kill('SIGKILL'), patienceMs);
    await new Promise<void>(resolve => {
      child.once('error', () => resolve());
      child.once('exit', () => resolve());
    });
    clearTimeout(timer);
  }

  /** The same for a process that exits. */
  closeNow(): void {
    this.#child?.kill();
    if (this.#wasThere) {
      spawnSync(this.#options.program, this.#exitWords, {stdio: 'ignore', timeout: patienceMs});
    }
  }

  get #exitWords(): string[] {
    const {destination, words} = this.#options;
    return [...words, '-S', this.socketPath, '-O', 'exit', ...destination];
  }
}
