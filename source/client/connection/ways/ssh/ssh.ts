/**
 * The ssh program of this machine, and its connections to others: one to each, with as many channels as there
 * are ways. It asks for a password or an unknown host once, when it logs in, and at no other time:
 *
 *     login ──► ssh -M -N -f ──► asks at the terminal ──► one process that keeps the connection
 *     channel ─► ssh -S … HOST jangada-server --stdio ──► goes through it
 */
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import process from 'node:process';
import type {SshServer} from '../../../../../protocol/address.ts';
import {displayName} from '../../../../../protocol/display-text.ts';
import {JangadaError, systemErrorCode} from '../../../../../protocol/errors.ts';
import {splitWords} from '../../../../../protocol/program/split-words.ts';
import {quoteWord} from '../../../../../protocol/shell-words.ts';
import type {WayEvents} from '../way.ts';
import {type Channel, openChannel} from './channel.ts';
import {type Ask, Master} from './master.ts';
import {defaultCommand} from './ssh-error.ts';

export type SshOptions = {
  /** The program with its arguments. Default: `ssh`. */
  readonly command?: string | undefined;
  /** The server on the other machine, as its shell takes it. Default: `jangada-server`. */
  readonly remoteCommand?: string | undefined;
};

/** For every process of ssh: nothing of the user's configuration that is meant for a shell there. */
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
  #channels = 0;

  /** @throws JangadaError `usage` for a command that cannot be split into words. */
  constructor({command = 'ssh', remoteCommand = defaultCommand}: SshOptions = {}) {
    [this.#program, ...this.#words] = splitWords(command, '--ssh');
    this.remoteCommand = remoteCommand;
  }

  /**
   * From now on the terminal is used for something else: `lend` gives it to ssh for as long as that asks.
   * Undefined: it is free again.
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

  /**
   * End the connections, too, when a signal ends this process. Those who listen besides hear of it after that.
   */
  endOnSignals(): void {
    for (const signal of signals) {
      process.once(signal, this.#onSignal);
    }
  }

  /**
   * Have a connection to the machine of `server`.
   *
   * @param options `mayAsk` whether ssh may ask for what it has to know, at the terminal of this process.
   * @throws JangadaError `unreachable`, `unauthorized`, `untrusted`, `aborted`; `usage` if there is no ssh.
   */
  async login(
    server: SshServer,
    options: {signal?: AbortSignal | undefined; mayAsk?: boolean} = {},
  ): Promise<void> {
    // The ssh of Windows cannot share a connection: each channel has its own, without a question.
    if (process.platform !== 'win32') {
      await this.#masterOf(server).login({...options, lend: this.#lend});
    }
  }

  /** Begin to start a server there, whose standard input and output are the channel. */
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

  /** The error where ssh itself could not be started. */
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

  /** End the connections. */
  async [Symbol.asyncDispose](): Promise<void> {
    process.off('exit', this.#onExit);
    for (const signal of signals) {
      process.off(signal, this.#onSignal);
    }

    await Promise.all([...this.#masters.values()].map(master => master.close()));
    this.#masters.clear();
    this.#removeFolder();
  }

  /** The process ends without waiting for anything. */
  readonly #onExit = (): void => {
    for (const master of this.#masters.values()) {
      master.closeNow();
    }

    this.#removeFolder();
  };

  readonly #onSignal = (signal: NodeJS.Signals): void => {
    if (signal === 'SIGINT' && this.#isLent) {
      // It is for ssh, which has the terminal.
      process.once(signal, this.#onSignal);
      return;
    }

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

  /** A folder that nobody else can look into, with a path short enough for a socket in it. */
  #ownFolder(): string {
    if (this.#folder === undefined) {
      // A path with a percent sign would be expanded by ssh.
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
