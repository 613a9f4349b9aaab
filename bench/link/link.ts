/**
 * Simulates a long link on loopback: a TCP proxy that delays bytes and limits the bytes per second in each direction, for
 * all connections together, like a cable.
 *
 *     client ──► read ──► cable (rate) ──► under way (delay) ──► written ──► server
 *
 * Each chunk has its own time of arrival, so a chunk does not delay the next one. The proxy connects to the server one and
 * a half round trips after the client has connected, when a handshake over such a link would be complete, so the client's
 * first bytes arrive no earlier. To the client, connecting seems to take no time: a program that measures the round trip by
 * the time of connecting is wrong here. The link simulates no loss and no slow start.
 *
 * The proxy stops reading while more than `queueMs` of bytes wait for the cable, like the full queue of a router, or while
 * more than a window is under way to a side that does not read.
 */
import {once} from 'node:events';
import {type AddressInfo, connect, createServer, type Server, type Socket} from 'node:net';

export type LinkOptions = {
  /** Time from the client to the server and back. */
  roundTripMs: number;
  /** Bytes per second in each direction. */
  bytesPerSecond: number;
};

const queueMs = 50;
/** The most bytes under way of a connection, like a TCP window: more than rate × round trip of every measured link. */
const window = 16 * 1_048_576;
/** Timers have a resolution of a millisecond: send chunks that are due within this time now. */
const slackMs = 0.5;

export class Link implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #options: LinkOptions;
  readonly #port: number;
  readonly up: Cable;
  readonly down: Cable;

  /** Listen on a free port of 127.0.0.1, and forward connections to `port`. */
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
    // A listening TCP server always has this type of address.
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
    // The client sends nothing before its handshake is complete, a round trip from now.
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
      // For the server, the handshake is complete half a round trip later.
      setTimeout(() => this.down.join(server, client), roundTripMs / 2);
    }, roundTripMs);
  }

  /** If one side is lost, reset the other side, too. A normal end goes through the cable. */
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
    // 'close' follows, and handles the end.
    socket.on('error', () => {});
  }
}

type UnderWay = {readonly atMs: number; deliver(): void};

/** One direction of a link. */
class Cable {
  /** Forwarded bytes. */
  bytes = 0;
  readonly #delayMs: number;
  readonly #bytesPerMs: number;
  /** Sockets that are paused until the queue is shorter. */
  readonly #paused = new Set<Socket>();
  /** In the order of their arrival. */
  readonly #underWay: UnderWay[] = [];
  /** When the cable has sent the last byte that was read. */
  #freeAtMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #timerAtMs = Number.POSITIVE_INFINITY;

  constructor({roundTripMs, bytesPerSecond}: LinkOptions) {
    this.#delayMs = roundTripMs / 2;
    this.#bytesPerMs = bytesPerSecond / 1000;
  }

  /** Carry the bytes and the end of `from` to `to`. */
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

  /** Set the timer for the next arrival, or for the time when the queue is short again. */
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
