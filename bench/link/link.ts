/**
 * A link that is far away, on loopback: a TCP proxy that delays what comes and lets through so many bytes a second in each
 * direction, together for all connections, as one cable would.
 *
 *     client ──► read ──► cable (its rate) ──► under way (delay) ──► written ──► server
 *
 * Each chunk has its own time of arrival: one that is under way does not hold up the next one. A connection is made to the
 * server one and a half round trips after the client's, which is when a handshake over such a link is over, so what the client
 * sends at once comes no earlier. To the client it seems to be made at once: a program that takes the time of connecting for
 * the round trip is wrong here. Loss and slow start are not simulated.
 *
 * Reading pauses while more than `queueMs` wait for the cable, as a router's queue would be full, or while more than a
 * window is under way to a side that does not read.
 */
import {once} from 'node:events';
import {type AddressInfo, connect, createServer, type Server, type Socket} from 'node:net';

export type LinkOptions = {
  /** From the client to the server and back. */
  roundTripMs: number;
  /** In each direction. */
  bytesPerSecond: number;
};

const queueMs = 50;
/** Bytes that a connection has under way at most, as of a TCP window: more than rate times round trip of all that is measured. */
const window = 16 * 1_048_576;
/** Timers are a millisecond apart: what is due by then goes now. */
const slackMs = 0.5;

export class Link implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #options: LinkOptions;
  readonly #port: number;
  readonly up: Cable;
  readonly down: Cable;

  /** Listen on a free port of 127.0.0.1, and pass on what comes to `port`. */
  static async start(port: number, options: LinkOptions): Promise<Link> {
    const link = new Link(port, options);
    link.#server.listen(0, '127.0.0.1');
    await once(link.#server, 'listening');
    return link;
  }

  private constructor(port: number, options: LinkOptions) {
    this.#port = port;
    this.#options = options;
    this.up = new Cable(options);
    this.down = new Cable(options);
    const server = {allowHalfOpen: true, noDelay: true};
    this.#server = createServer(server, client => this.#accept(client));
  }

  get port(): number {
    // A TCP server that listens has no other kind of address.
    return (this.#server.address() as AddressInfo).port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) {
      socket.destroy();
    }

    this.#server.close();
    await once(this.#server, 'close');
  }

  #accept(client: Socket): void {
    const {roundTripMs} = this.#options;
    this.#keep(client);
    // Nothing of the client leaves it before its handshake is over, a round trip from now.
    setTimeout(() => {
      if (client.destroyed) {
        return;
      }

      const host = '127.0.0.1';
      const server = connect({host, port: this.#port, allowHalfOpen: true, noDelay: true});
      this.#keep(server);
      this.#resetWith(client, server);
      this.#resetWith(server, client);
      this.up.join(client, server);
      // For the server it is over when the answer to its answer has come.
      setTimeout(() => this.down.join(server, client), roundTripMs / 2);
    }, roundTripMs);
  }

  /** A side that is lost is lost for the other one, too; one that ends is ended by its cable. */
  #resetWith(one: Socket, other: Socket): void {
    one.once('close', hadError => {
      if (hadError) {
        setTimeout(() => other.resetAndDestroy(), this.#options.roundTripMs / 2);
      }
    });
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    // Its end is what counts, and 'close' tells it.
    socket.on('error', () => {});
  }
}

type UnderWay = {readonly atMs: number; deliver(): void};

/** One direction of a link. */
class Cable {
  /** Bytes that were passed on. */
  bytes = 0;
  readonly #delayMs: number;
  readonly #bytesPerMs: number;
  /** Sockets that are not read until the queue is shorter. */
  readonly #paused = new Set<Socket>();
  /** In the order of their arrival. */
  readonly #underWay: UnderWay[] = [];
  /** When the last byte that was read is on its way. */
  #freeAtMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #timerAtMs = Number.POSITIVE_INFINITY;

  constructor({roundTripMs, bytesPerSecond}: LinkOptions) {
    this.#delayMs = roundTripMs / 2;
    this.#bytesPerMs = bytesPerSecond / 1000;
  }

  /** Carry what `from` sends to `to`, and its end. */
  join(from: Socket, to: Socket): void {
    let underWay = 0;
    const isFull = (): boolean => underWay + to.writableLength >= window;
    const readOn = (): void => {
      if (!isFull() && !this.#paused.has(from)) {
        from.resume();
      }
    };
    from.on('data', chunk => {
      underWay += chunk.length;
      this.#send(chunk.length, () => {
        underWay -= chunk.length;
        this.bytes += chunk.length;
        if (!to.destroyed) {
          to.write(chunk);
        }

        readOn();
      });
      if (this.#freeAtMs - performance.now() > queueMs) {
        this.#paused.add(from);
        this.#arm();
      }

      if (isFull() || this.#paused.has(from)) {
        from.pause();
      }
    });
    from.once('end', () => this.#send(0, () => to.end()));
    from.once('close', () => this.#paused.delete(from));
    to.on('drain', readOn);
  }

  #send(bytes: number, deliver: () => void): void {
    this.#freeAtMs = Math.max(performance.now(), this.#freeAtMs) + bytes / this.#bytesPerMs;
    this.#underWay.push({atMs: this.#freeAtMs + this.#delayMs, deliver});
    this.#arm();
  }

  /** Wake when the next chunk arrives, or earlier when the queue is short again. */
  #arm(): void {
    const arrival = this.#underWay[0]?.atMs ?? Number.POSITIVE_INFINITY;
    const room = this.#paused.size > 0 ? this.#freeAtMs - queueMs / 2 : Number.POSITIVE_INFINITY;
    const atMs = Math.min(arrival, room);
    if (atMs < this.#timerAtMs) {
      clearTimeout(this.#timer);
      this.#timerAtMs = atMs;
      this.#timer = setTimeout(() => this.#wake(), Math.max(0, atMs - performance.now()));
    }
  }

  #wake(): void {
    this.#timerAtMs = Number.POSITIVE_INFINITY;
    const due = performance.now() + slackMs;
    const later = this.#underWay.findIndex(({atMs}) => atMs > due);
    const arrived = this.#underWay.splice(0, later === -1 ? this.#underWay.length : later);
    for (const {deliver} of arrived) {
      deliver();
    }

    if (this.#freeAtMs - queueMs / 2 <= due) {
      const paused = [...this.#paused];
      this.#paused.clear();
      for (const socket of paused) {
        socket.resume();
      }
    }

    this.#arm();
  }
}
