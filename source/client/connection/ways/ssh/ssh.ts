/**
 * The ssh program of this machine, and its connections to others: one connection to each machine, with any number of
 * channels. ssh asks for a password or about an unknown host only once, when it logs in:
 *
 *     login ──► ssh -M -N -f ──► asks at the terminal ──► one process that keeps the connection
 *     channel ─► ssh -S … HOST jangada-server --stdio ──► goes through that connection
 */
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import process from 'node:process';
import type {SshServer} from '../../../../../protocol/address.ts';
import {displayName} from '../../../../../protocol/display-text.ts';
import {aborted, JangadaError, systemErrorCode} from '../../../../../protocol/errors.ts';
import {splitWords} from '../../../../../protocol/program/split-words.ts';
import {quoteWord} from '../../../../../protocol/shell-words.ts';
import type {WayEvents} from '../way.ts';
import {type Channel, openChannel} from './channel.ts';
import {type Ask, Master} from './master.ts';
import {defaultCommand} from './ssh-error.ts';

export type SshOptions = {
  /** The program with its arguments. Default: `ssh`. */
  readonly command?: string | undefined;
  /** The command that starts the server on the other machine, in the syntax of its shell. Default: `jangada-server`. */
  readonly remoteCommand?: string | undefined;
};

/**
 * Options for every ssh process. They switch off the parts of the user's configuration that are meant for an
 * interactive shell.
 */
const quiet = ['-T', '-x', '-a', '-oClearAllForwardings=yes', '-oRemoteCommand=none'];
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const askNobody = '-oBatchMode=yes';

export class Ssh implements AsyncDisposable {
  readonly remoteCommand: string;
  readonly #program: string;
  readonly #words: readonly string[];
  readonly #masters = new Map<string, Master>();
  #folder: string | undefined;
  #lend: Ask | undefined;
  #isLent = false;
  /** Whether a signal ends this process: a new connection would leave its folder behind. */
  #isEnding = false;
  #channels = 0;

  /** @throws JangadaError `usage` if the command cannot be split into words. */
  constructor({command = 'ssh', remoteCommand = defaultCommand}: SshOptions = {}) {
    [this.#program, ...this.#words] = splitWords(command, '--ssh');
    this.remoteCommand = remoteCommand;
  }

  /**
   * Set while another part of the program uses the terminal: `lend` gives the terminal to ssh while ssh asks.
   * Undefined: the terminal is free.
   */
  set lend(lend: Ask | undefined) {
    this.#lend =
      lend &&
      (async use => {
        this.#isLent = true;
        try {
          await lend(use);
        } finally {
          this.#isLent = false;
        }
      });
  }

  /** Also close the connections when a signal ends this process. Other listeners of the signal run after that. */
  endOnSignals(): void {
    for (const signal of signals) {
      process.once(signal, this.#onSignal);
    }
  }

  /**
   * Make sure that there is a connection to the machine of `server`.
   *
   * @param options `mayAsk`: whether ssh may ask the user at the terminal of this process.
   * @throws JangadaError `unreachable`, `unauthorized`, `untrusted`, `aborted`; `usage` if ssh is not installed.
   */
  async login(
    server: SshServer,
    options: {signal?: AbortSignal | undefined; mayAsk?: boolean} = {},
  ): Promise<void> {
    // The ssh of Windows cannot share a connection: there, each channel opens its own, and ssh asks no questions.
    if (process.platform !== 'win32') {
      await this.#masterOf(server).login({...options, lend: this.#lend});
    }
  }

  /** Begin to start a server on the other machine; its standard input and output are the channel. */
  channel(server: SshServer, events: Pick<WayEvents, 'room' | 'read'>): Promise<Channel> {
    const through =
      process.platform === 'win32'
        ? []
        : ['-oControlMaster=no', '-S', this.#masterOf(server).socketPath];
    const command = `${this.remoteCommand} --stdio -- ${quoteWord(server.root)}`;
    return openChannel(
      {
        program: this.#program,
        words: [...this.#words, ...through, askNobody, ...quiet, ...destination(server), command],
        path: join(this.#ownFolder(), `c${this.#channels++}`),
      },
      events,
    );
  }

  /** The error if ssh itself could not be started. */
  startError(error: Error): JangadaError {
    const program = displayName(this.#program);
    return systemErrorCode(error) === 'ENOENT'
      ? new JangadaError(
          'usage',
          `Cannot find the program '${program}'. Install OpenSSH, or name the program with --ssh`,
          {cause: error},
        )
      : new JangadaError(
          'local_io',
          `'${program}' could not be started: ${displayName(error.message)}`,
          {cause: error},
        );
  }

  /** Close the connections. */
  async [Symbol.asyncDispose](): Promise<void> {
    process.off('exit', this.#onExit);
    for (const signal of signals) {
      process.off(signal, this.#onSignal);
    }

    await Promise.all([...this.#masters.values()].map(master => master.close()));
    this.#masters.clear();
    this.#removeFolder();
  }

  /** The process is exiting, so nothing may be awaited. */
  readonly #onExit = (): void => {
    for (const master of this.#masters.values()) {
      master.closeNow();
    }

    this.#removeFolder();
  };

  readonly #onSignal = (signal: NodeJS.Signals): void => {
    if (signal === 'SIGINT' && this.#isLent) {
      // The signal is for ssh, which has the terminal.
      process.once(signal, this.#onSignal);
      return;
    }

    this.#isEnding = true;
    this.#onExit();
    if (process.listenerCount(signal) === 0) {
      process.kill(process.pid, signal);
    }
  };

  #masterOf(server: SshServer): Master {
    const key = JSON.stringify([server.user, server.host, server.port]);
    const known = this.#masters.get(key);
    if (known !== undefined) {
      return known;
    }

    const master = new Master({
      server,
      program: this.#program,
      words: [...this.#words, ...quiet],
      destination: destination(server),
      socketPath: join(this.#ownFolder(), String(this.#masters.size)),
      remoteCommand: this.remoteCommand,
      startError: error => this.startError(error),
    });
    this.#masters.set(key, master);
    return master;
  }

  /** A folder that only this user can read, with a path short enough for a socket in it. */
  #ownFolder(): string {
    if (this.#isEnding) {
      throw aborted();
    }

    if (this.#folder === undefined) {
      // ssh would expand a percent sign in the path.
      const {XDG_RUNTIME_DIR: runtime = ''} = process.env;
      const base = [runtime, tmpdir()].find(folder => /^\/[^%$]{1,50}$/.test(folder)) ?? '/tmp';
      this.#folder = mkdtempSync(join(base, 'jangada-'));
      process.once('exit', this.#onExit);
    }

    return this.#folder;
  }

  #removeFolder(): void {
    if (this.#folder !== undefined) {
      rmSync(this.#folder, {recursive: true, force: true});
      this.#folder = undefined;
    }
  }
}

function destination({host, port, user}: SshServer): string[] {
  return [
    ...(port === undefined ? [] : ['-p', String(port)]),
    ...(user === undefined ? [] : ['-l', user]),
    host,
  ];
}
