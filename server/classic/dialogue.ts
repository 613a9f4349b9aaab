/**
 * The classic dialogue: the client sends a digit, the server a prompt, the client its answer. Everything is plain text
 * without framing, so the bytes of one read from the socket are one answer.
 *
 *     bytes ──▶ digit ──▶ command ──▶ prompt           the server reads nothing while it answers
 *       └─────▶ answer ─▶ next step of the command
 */
import {Buffer} from 'node:buffer';
import type {Socket} from 'node:net';
import {shortName} from '../../protocol/display-text.ts';
import {JangadaError} from '../../protocol/errors.ts';
import {nameFromBytes} from '../../protocol/remote-path.ts';
import type {Exchange} from '../operations/exchange.ts';
import {cget} from './cget.ts';
import type {ClassicOptions} from './classic-options.ts';
import {hash} from './hash.ts';
import {list} from './list.ts';
import {mget} from './mget.ts';
import {sget} from './sget.ts';
import {asking, type Step} from './step.ts';
import {Talk} from './talk.ts';
import {askForFile, askForHash, askForMask, askForPartial} from './texts.ts';

/** Bytes of the longest answer: a path, a colon, a hash in hexadecimal. */
const maxAnswer = 4096 + 1 + 40;

const commands = new Map<number, Step>([
  [digit('1'), list],
  [digit('2'), asking(askForFile, sget)],
  [digit('3'), asking(askForMask, mget)],
  [digit('4'), asking(askForHash, hash)],
  [digit('5'), asking(askForPartial, cget)],
]);

function digit(text: string): number {
  return text.charCodeAt(0);
}

/** Whether a client that begins with `bytes` wants the classic dialogue. */
export function beginsClassic(bytes: Buffer): boolean {
  const [first = 0] = bytes;
  return first >= digit('0') && first <= digit('9');
}

type DialogueOptions = ClassicOptions & {
  socket: Socket;
  /** Called when the dialogue has received bytes to answer. */
  onRequests(): void;
};

/** The dialogue of one connection: a source of requests that also answers them. */
export class ClassicDialogue {
  readonly #options: DialogueOptions;
  #talk: Talk | undefined;
  /** Bytes received but not yet answered: those of one read, because the socket is paused meanwhile. */
  #bytes: Buffer = Buffer.alloc(0);
  /** The digit of the current command, or of the last one. */
  #digit = 0;
  /** Takes the client's next answer; undefined while the server waits for a command. */
  #step: Step | undefined;

  constructor(options: DialogueOptions) {
    this.#options = options;
  }

  get pending(): boolean {
    return this.#bytes.length > 0;
  }

  receive(bytes: Buffer): void {
    this.#keep(Buffer.concat([this.#bytes, bytes]));
    if (this.pending) {
      this.#options.socket.pause();
      this.#options.onRequests();
    }
  }

  /** The next bytes to answer, with the digit of their command; undefined if no bytes have arrived. */
  next(): {kind: number; payload: Buffer} | undefined {
    const bytes = this.#bytes;
    if (bytes.length === 0) {
      return undefined;
    }

    if (this.#step === undefined) {
      this.#digit = bytes[0] ?? 0;
      this.#step = commands.get(this.#digit) ?? unknown;
      this.#keep(withoutFirstLineEnd(bytes.subarray(1)));
      return {kind: this.#digit, payload: bytes.subarray(0, 1)};
    }

    this.#keep(Buffer.alloc(0));
    return {kind: this.#digit, payload: bytes};
  }

  /**
   * Take the step that `next` was for.
   *
   * @throws JangadaError that ends the connection, because the dialogue has no text for an error.
   */
  async answer(payload: Buffer, exchange: Exchange): Promise<void> {
    this.#talk ??= new Talk(exchange, this.#options.pauseMs);
    if (payload.length > maxAnswer + 2) {
      throw new JangadaError('too_large', `An answer is longer than ${maxAnswer} bytes`);
    }

    const step = this.#step;
    const answer = nameFromBytes(withoutLastLineEnd(payload));
    this.#step = await step?.(answer, this.#talk);
    this.#keep(this.#bytes);
  }

  /** Read from the socket again after all received bytes are answered. */
  resume(): void {
    if (!this.pending) {
      this.#options.socket.resume();
    }
  }

  /** Drop the received bytes. */
  clear(): void {
    this.#bytes = Buffer.alloc(0);
  }

  /** Between commands, ignore empty lines. */
  #keep(bytes: Buffer): void {
    let from = 0;
    while (this.#step === undefined && isLineEnd(bytes[from])) {
      from++;
    }

    this.#bytes = bytes.subarray(from);
  }
}

/** The dialogue has no text for this case, so the connection just ends. */
async function unknown(digit: string): Promise<never> {
  throw new JangadaError(
    'bad_request',
    `The classic dialogue has no command '${shortName(digit)}'`,
  );
}

function withoutFirstLineEnd(bytes: Buffer): Buffer {
  return bytes.subarray(/^\r?\n/.exec(bytes.toString('latin1', 0, 2))?.[0].length ?? 0);
}

function withoutLastLineEnd(bytes: Buffer): Buffer {
  const end = /\r?\n$/.exec(bytes.toString('latin1', Math.max(0, bytes.length - 2)));
  return bytes.subarray(0, bytes.length - (end?.[0].length ?? 0));
}

function isLineEnd(byte: number | undefined): boolean {
  return byte === 0x0a || byte === 0x0d;
}
