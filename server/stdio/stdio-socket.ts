/** Standard input and output of this process as one client socket. */
import type {Buffer} from 'node:buffer';
import {fstatSync, type Stats} from 'node:fs';
import {Socket} from 'node:net';
import process from 'node:process';
import {Duplex, type Readable, type Writable} from 'node:stream';
import {isatty} from 'node:tty';
import {JangadaError} from '../../protocol/errors.ts';
import type {ClientSocket} from '../connection/client-socket.ts';

/**
 * The socket of the program that started this process. sshd gives one socket for both directions, or two pipes.
 *
 * @throws JangadaError `usage` at a terminal.
 */
export function stdioSocket(): ClientSocket {
  if (isatty(0) || isatty(1)) {
    throw new JangadaError(
      'usage',
      '--stdio is for a program, and this is a terminal. Run on your own machine: jangada ssh://HOST/PATH',
    );
  }

  const [input, output] = [fstatSync(0), fstatSync(1)];
  if (input.isSocket() && input.ino === output.ino && input.dev === output.dev) {
    return new Socket({fd: 0});
  }

  return new PairSocket(
    isStream(input) ? new Socket({fd: 0, readable: true, writable: false}) : process.stdin,
    isStream(output) ? new Socket({fd: 1, readable: false, writable: true}) : process.stdout,
  );
}

/** Whether reading and writing never block this thread; Node's own streams for files and terminals may block. */
function isStream(stats: Stats): boolean {
  return stats.isFIFO() || stats.isSocket();
}

type Done = (error?: Error | null) => void;

/** A client socket made of two streams, one for each direction. */
export class PairSocket extends Duplex implements ClientSocket {
  readonly #input: Readable;
  readonly #output: Writable;
  #silence: NodeJS.Timeout | undefined;
  #taken = 0;

  constructor(input: Readable, output: Writable) {
    super({allowHalfOpen: true});
    this.#input = input;
    this.#output = output;
    input.on('data', (bytes: Buffer) => {
      this.#silence?.refresh();
      if (!this.push(bytes)) {
        input.pause();
      }
    });
    input.on('end', () => this.push(null));
    input.on('error', error => this.destroy(error));
    output.on('error', error => this.destroy(error));
    output.on('close', () => this.destroy());
  }

  get bytesWritten(): number {
    return this.#taken + this.writableLength;
  }

  setTimeout(ms: number): void {
    clearTimeout(this.#silence);
    this.#silence = ms === 0 ? undefined : setTimeout(() => this.emit('timeout'), ms);
  }

  override _read(): void {
    this.#input.resume();
  }

  override _write(bytes: Buffer, _encoding: BufferEncoding, done: Done): void {
    this.#output.write(bytes, error => this.#written(bytes.length, error, done));
  }

  override _writev(chunks: ReadonlyArray<{chunk: Buffer}>, done: Done): void {
    const output = this.#output;
    let size = 0;
    output.cork();
    for (const [index, {chunk}] of chunks.entries()) {
      size += chunk.length;
      const whole = size;
      output.write(chunk, error => {
        if (index === chunks.length - 1) {
          this.#written(whole, error, done);
        }
      });
    }

    output.uncork();
  }

  override _final(done: Done): void {
    this.#output.end(done);
  }

  override _destroy(error: Error | null, done: Done): void {
    clearTimeout(this.#silence);
    this.#input.destroy();
    this.#output.destroy();
    done(error);
  }

  #written(bytes: number, error: Error | null | undefined, done: Done): void {
    this.#silence?.refresh();
    this.#taken += bytes;
    done(error);
  }
}
