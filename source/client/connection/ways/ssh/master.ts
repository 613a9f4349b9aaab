/** One ssh connection to another machine. An ssh process keeps it open, and all channels go through it. */
import {type ChildProcess, spawn, spawnSync} from 'node:child_process';
import {rmSync} from 'node:fs';
import {connect} from 'node:net';
import process from 'node:process';
import type {SshServer} from '../../../../../protocol/address.ts';
import {aborted, isJangadaError, throwIfAborted} from '../../../../../protocol/errors.ts';
import {cipherWords} from './cheap-cipher.ts';
import {LastWords} from './last-words.ts';
import {relayWords} from './relay-words.ts';
import {sshError} from './ssh-error.ts';

/** Lends the terminal to `during`, and takes it back when `during` has ended. */
export type Ask = (during: () => Promise<void>) => Promise<void>;

type MasterOptions = {
  readonly server: SshServer;
  readonly program: string;
  readonly words: readonly string[];
  readonly destination: readonly string[];
  /** Path of its socket, which may not exist yet. */
  readonly socketPath: string;
  readonly remoteCommand: string;
  readonly startError: (error: Error) => Error;
};

type LoginOptions = {
  readonly signal?: AbortSignal | undefined;
  readonly mayAsk?: boolean | undefined;
  readonly lend?: Ask | undefined;
};

/** ssh closes the connection after this time without a channel, because this process may be killed. */
const persistSeconds = 60;
/**
 * Time limit for `ssh -O exit`, in milliseconds. It ends in a moment, but a busy machine may need seconds to start it, and
 * if it is killed, the connection stays for `persistSeconds`.
 */
const patienceMs = 10_000;

const keeping = [
  ...['-M', '-N', '-f', `-oControlPersist=${persistSeconds}`],
  ...['-oConnectTimeout=15', '-oServerAliveInterval=5', '-oServerAliveCountMax=3'],
];

/** How long to wait for the rest of standard error after a failed ssh, in milliseconds. */
export const lastWordsMs = 1000;

export class Master {
  readonly #options: MasterOptions;
  /** The running login, shared by all callers that wait for it. */
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

  /** Resolves once the connection is open. @throws as `Ssh.login`. */
  async login({signal, mayAsk = false, lend}: LoginOptions): Promise<void> {
    throwIfAborted(signal);
    if (this.#waiting === 0) {
      await this.#login?.catch(() => {
        // All callers that waited for this login have given up.
      });
      throwIfAborted(signal);
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
      // A user with a key or an agent sees no question.
      await this.#start(false);
    } catch (error) {
      if (!isJangadaError(error, 'unauthorized', 'untrusted')) {
        throw error;
      }

      await lend(() => this.#start(true));
    }
  }

  /** Whether the process that keeps the connection is running. */
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

    // If a killed process has left a socket, ssh would keep a connection that nobody can use.
    rmSync(this.socketPath, {force: true});
    const child = spawn(
      program,
      [
        // The words of --ssh come first, and win.
        ...[...words, ...ciphers, ...keeping, '-S', this.socketPath],
        ...(asks ? [] : ['-oBatchMode=yes']),
        ...destination,
      ],
      // Without a controlling terminal, ssh cannot ask.
      {stdio: [asks ? 'inherit' : 'ignore', 'ignore', 'pipe'], detached: !asks, windowsHide: true},
    );
    this.#child = child;
    // First of all: if no descriptor is left, the child has no streams, and only the event `error`.
    const ended = statusOf(child, startError);
    const {stderr} = child;
    const said = stderr ? new LastWords(stderr) : undefined;
    if (asks && stderr) {
      relayWords(stderr, process.stderr);
    }

    try {
      const status = await ended;
      if (status !== 0) {
        throw this.#waiting === 0 || status === 'SIGINT'
          ? aborted('ssh was interrupted')
          : sshError(
              server,
              {status, lines: said?.lines ?? []},
              {hasAnswered: false, isSilent: !asks, remoteCommand},
            );
      }

      this.#wasThere = true;
    } finally {
      this.#child = undefined;
      stderr?.destroy();
    }
  }

  /** Close the connection. Resolves when the process that keeps it has been told. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#child?.kill();
    await this.#login?.catch(() => {
      // The callers that wait for the login get this error.
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

  /** Close the connection synchronously, for a process that exits. */
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

/** The exit status of `child`, or the signal that ended it. @throws the result of `startError` if it did not start. */
function statusOf(
  child: ChildProcess,
  startError: (error: Error) => Error,
): Promise<number | NodeJS.Signals> {
  return new Promise((resolve, reject) => {
    child.once('error', error => reject(startError(error)));
    child.once('exit', (code, signal) => {
      const end = () => resolve(code ?? signal ?? 'SIGKILL');
      if (code === 0) {
        // The process that stays may keep its standard error open, so `close` may not come.
        end();
        return;
      }

      // The reason may still be on its way. A program that ssh started may keep standard error open.
      // Words that were written in time may wait unread, because this thread was busy: they are read first.
      const timer = setTimeout(() => setImmediate(end), lastWordsMs);
      child.once('close', () => {
        clearTimeout(timer);
        end();
      });
    });
  });
}
