/** A raw server that answers right or lies: it makes, orders, repeats or cuts frames in a wrong way. */

import {once} from 'node:events';
import {type AddressInfo, createServer, type Server, type Socket} from 'node:net';
import type {Random} from '../chaos/random.ts';
import {kinds, rawFrame} from '../fixtures/server/server-raw-peer.ts';
import {
  type AskedFor,
  blockFrame,
  type Files,
  fileEntry,
  hello,
  honestAnswer,
  message,
  stray,
} from './answers.ts';
import {mutated} from './mutate.ts';
import {oddNames} from './odd-json.ts';

/** How the server answers from now on. `share` of its answers are lies: of the kind `lie`, or of any kind. */
export type Manner = {random: Random; share: number; lie?: LieKind};

type LieKind = keyof typeof lieWeights;

/** How often each lie is told. Lies that are nearly true are told most often. */
export const lieWeights = {
  ...{mutated: 4, 'damaged block': 4, 'block of another file': 2, 'odd names': 2},
  ...{silence: 1, end: 1, reset: 1, progress: 1, 'not asked for': 1},
  ...{'answer to something else': 1, error: 1},
};

const preface = 'jangada/1\r\n';

/** The bytes to send instead of the right frames; undefined: send nothing more on this connection. */
type Lie = (frames: readonly Buffer[], context: LieContext) => Buffer | undefined;
type LieContext = {random: Random; socket: Socket; files: Files; asked: AskedFor};

const lies: Readonly<Record<LieKind, Lie>> = {
  mutated: (frames, {random}) => mutated(frames, random),
  silence: () => undefined,
  end(frames, {socket, random}) {
    socket.end(cut(frames, random));
    return undefined;
  },
  reset(_frames, {socket}) {
    // If a socket is reset while it is ending, Node keeps it for ever.
    if (!socket.writableEnded) {
      socket.resetAndDestroy();
    }

    return undefined;
  },
  progress(frames, {random}) {
    const one = message(kinds.progress, {done: random.between(0, 9), total: random.between(0, 9)});
    return Buffer.concat([...Array.from({length: random.between(1, 5000)}, () => one), ...frames]);
  },
  'not asked for': (frames, {random, files}) =>
    Buffer.concat([...frames, ...honestAnswer(files, anyRequest(random, files))]),
  'answer to something else': (_frames, {random, files}) =>
    Buffer.concat(honestAnswer(files, anyRequest(random, files))),
  error(_frames, {random}) {
    const code = random.pick([
      'not_found',
      'changed',
      'busy',
      'forbidden',
      'unauthorized',
      'no\u001b',
    ]);
    return message(kinds.error, {
      code,
      message: random.pick(['', '\u001b[2J\u0007', 'x'.repeat(2000)]),
    });
  },
  'odd names'(frames, {random, asked}) {
    if (asked.kind !== kinds.find && asked.kind !== kinds.list) {
      return mutated(frames, random);
    }

    const entries = Array.from({length: random.between(1, 1000)}, (_, index) => ({
      ...fileEntry(random.chance(0.5) ? random.pick(oddNames) : `many/${index}`, stray.length),
      type: random.pick(['file', 'file', 'folder', 'other']),
    }));
    return Buffer.concat([message(kinds.entries, {entries}), ...frames]);
  },
  'block of another file'(frames, {random, files}) {
    const other = random.pick([...files.values()].filter(({length}) => length > 0));
    return Buffer.concat(
      frames.map(frame => (frame[4] === kinds.block ? blockFrame(other, 0) : frame)),
    );
  },
  'damaged block'(frames, {random}) {
    return Buffer.concat(
      frames.map(frame => {
        const damaged = Buffer.from(frame);
        if (frame[4] === kinds.block || frame[4] === kinds.compressed || frame[4] === kinds.files) {
          const head = frame[4] === kinds.compressed ? 52 : 48;
          const at = random.between(Math.min(head, frame.length - 1), frame.length - 1);
          damaged[at] = (damaged[at] ?? 0) ^ 1;
        }

        return damaged;
      }),
    );
  },
};

export class LyingServer implements AsyncDisposable {
  manner: Manner;
  /** When the last request arrived, by `performance.now()`; undefined if none has arrived since the last `disconnect`. */
  askedAtMs: number | undefined;
  readonly #files: Files;
  readonly #listener: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(files: Files, manner: Manner) {
    this.#files = files;
    this.manner = manner;
    this.#listener = createServer({noDelay: true}, socket => this.#serve(socket));
  }

  static async start(files: Files, manner: Manner): Promise<LyingServer> {
    const server = new LyingServer(files, manner);
    server.#listener.listen(0, '127.0.0.1');
    await once(server.#listener, 'listening');
    return server;
  }

  get address(): string {
    // The address of a listener on a TCP port has this type.
    return `jangada://127.0.0.1:${(this.#listener.address() as AddressInfo).port}`;
  }

  /** End all connections. */
  disconnect(): void {
    this.askedAtMs = undefined;
    for (const socket of this.#sockets) {
      socket.destroy();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#listener, 'close');
    this.#listener.close();
    this.disconnect();
    await closed;
  }

  #serve(socket: Socket): void {
    let waiting = Buffer.alloc(0);
    let isSilent = false;
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    // A `close` event follows every error, and is enough.
    socket.on('error', () => undefined);
    const say = (bytes: Buffer | undefined) => {
      isSilent ||= bytes === undefined;
      if (bytes !== undefined && !isSilent && socket.writable) {
        socket.write(bytes);
      }
    };
    const {random, share} = this.manner;
    // A client that gets a wrong greeting sends no request, so a wrong one is rare.
    say(random.chance(share / 4) ? mutated([hello], random) : hello);
    let skip = preface.length;
    socket.on('data', (bytes: Buffer) => {
      waiting = Buffer.concat([waiting, bytes.subarray(skip)]);
      skip -= Math.min(skip, bytes.length);
      for (let asked = next(waiting); asked !== undefined; asked = next(waiting)) {
        waiting = waiting.subarray(asked.length);
        this.askedAtMs = performance.now();
        say(this.#answer(asked, socket));
      }
    });
  }

  #answer(asked: AskedFor, socket: Socket): Buffer | undefined {
    const {random, share, lie} = this.manner;
    const frames = honestAnswer(this.#files, asked);
    if (!random.chance(share)) {
      return Buffer.concat(frames);
    }

    const kind = lie ?? random.weighted(lieWeights);
    return lies[kind](frames, {random, socket, files: this.#files, asked});
  }
}

/** The first frame of `bytes` and its length, if the frame is complete. */
function next(bytes: Buffer): (AskedFor & {length: number}) | undefined {
  const length = bytes.length < 8 ? Number.POSITIVE_INFINITY : 8 + bytes.readUInt32BE();
  return length > bytes.length
    ? undefined
    : {length, kind: bytes[4] ?? 0, body: JSON.parse(bytes.toString('utf8', 8, length))};
}

function anyRequest(random: Random, files: Files): AskedFor {
  const kind = random.pick([
    kinds.list,
    kinds.stat,
    kinds.find,
    kinds.digests,
    kinds.roots,
    kinds.get,
    kinds.filesRequest,
    kinds.ping,
  ]);
  const path = random.pick([...files.keys()]);
  return {kind, body: {path, files: [[path, files.get(path)?.length]]}};
}

/** A part of the bytes, never all of them. */
function cut(frames: readonly Buffer[], random: Random): Buffer {
  const all = Buffer.concat([...frames, rawFrame(kinds.pong)]);
  return all.subarray(0, random.between(0, all.length - 1));
}
