/**
 * The rows of the screen of servers: bookmarks by name, then servers by last use, then servers that only have transfers
 * in their queues, then the hosts in the configuration of ssh. The queues are read after the first picture, because
 * that takes time if a million transfers are queued. They are read again when other programs have changed them.
 */
import {type Address, isSameServer, serverName} from '../../../../protocol/address.ts';
import {type DisplayText, displayName} from '../../../../protocol/display-text.ts';
import {rootPath} from '../../../../protocol/remote-path.ts';
import type {KnownServer} from '../../../servers/known-server.ts';
import type {ServerBook} from '../../../servers/server-book.ts';
import type {LeftWork, Sessions} from '../../../servers/sessions.ts';
import type {Repainter} from '../repainter.ts';
import {fitViewport, type Move, moveCursor} from '../viewport.ts';

export type ServerRow = KnownServer & {
  /** `bookmark` and `recent` are in the list of the user; `queued`, `ssh` and `local` are proposals. */
  readonly kind: 'bookmark' | 'recent' | 'queued' | 'ssh' | 'local';
  /** As `host:port`. */
  readonly server: DisplayText;
  /** The transfers left in its queue; undefined if there are none, or the queue was not read yet. */
  readonly left: LeftWork | undefined;
};

type Tools = {
  readonly book: ServerBook;
  readonly sessions: Pick<Sessions, 'left' | 'queuesVersion'>;
};

/** The server of this machine, if one runs. */
const local: Address = {scheme: 'jangada', host: '127.0.0.1', port: 1234, path: rootPath};
/** How often queues are checked; but the pause is at least so many times the time of the last reading. */
const lookEveryMs = 500;
const lookShare = 20;

export class ServerList {
  readonly #tools: Tools;
  readonly #repainter: Repainter;
  #rows: readonly ServerRow[] = [];
  #left: readonly LeftWork[] = [];
  #sshHosts: readonly Address[] = [];
  #cursor = 0;
  #reading: NodeJS.Immediate | undefined;
  // The version of the queues at the last reading, and the timer for the next check.
  #version: number | undefined;
  #nextLook: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(tools: Tools, repainter: Repainter) {
    this.#tools = tools;
    this.#repainter = repainter;
  }

  get rows(): readonly ServerRow[] {
    return this.#rows;
  }

  get cursor(): number {
    return this.#cursor;
  }

  /** The row under the cursor; undefined before the first `read`. */
  get current(): ServerRow | undefined {
    return this.#rows[this.#cursor];
  }

  /** Known addresses, as a user types them. */
  get addresses(): readonly Address[] {
    return this.#rows.map(({address}) => address);
  }

  /** Read everything again, and the queues after each change, until `stop`. The cursor stays on its server. */
  read(): void {
    if (this.#isClosed) {
      return;
    }

    this.#sshHosts = this.#tools.book.proposed();
    this.#arrange();
    this.stop();
    this.#version = undefined;
    this.#look();
  }

  /** Read the queues if they have changed since the last reading. */
  #look(): void {
    const {sessions} = this.#tools;
    const version = attempt(() => sessions.queuesVersion);
    if (version !== undefined && version === this.#version) {
      this.#lookLater(0);
    } else {
      this.#version = version;
      this.#readOn(sessions.left(), performance.now());
    }
  }

  /** Read the queues in parts: keys come between. */
  #readOn(steps: ReturnType<Sessions['left']>, begunMs: number): void {
    this.#reading = setImmediate(() => {
      const step = attempt(() => steps.next());
      if (step !== undefined && step.done !== true) {
        this.#readOn(steps, begunMs);
        return;
      }

      if (step === undefined) {
        this.#version = undefined;
      } else {
        this.#left = step.value;
        this.#arrange();
      }

      this.#lookLater(performance.now() - begunMs);
    });
  }

  /** Check again after a pause; the pause is longer if reading takes long. */
  #lookLater(readingMs: number): void {
    const waitMs = Math.max(lookEveryMs, lookShare * readingMs);
    this.#nextLook = setTimeout(() => this.#look(), waitMs);
  }

  /** Stop reading. */
  stop(): void {
    clearImmediate(this.#reading);
    clearTimeout(this.#nextLook);
  }

  /** Put the cursor on the server at `address`, if it is in the list. */
  aim(address: Address): void {
    const at = this.#rows.findIndex(row => isSameServer(row.address, address));
    this.#cursor = at === -1 ? this.#cursor : at;
    this.#repainter.now();
  }

  /** Put the cursor on the server with that index. */
  pointAt(index: number): void {
    this.#cursor = fitViewport({cursor: index, offset: 0}, this.#rows.length, 1).cursor;
    this.#repainter.now();
  }

  move(move: Move, height: number): void {
    const at = {cursor: this.#cursor, offset: 0};
    this.#cursor = moveCursor(at, move, this.#rows.length, height).cursor;
    this.#repainter.now();
  }

  name(address: Address, label: string | undefined): void {
    this.#tools.book.name(address, label);
    this.#arrange();
    this.aim(address);
  }

  forget(address: Address): void {
    this.#tools.book.forget(address);
    this.#arrange();
  }

  close(): void {
    this.#isClosed = true;
    this.stop();
  }

  #arrange(): void {
    const before = this.current;
    const known = this.#tools.book.list();
    const isKnown = ({address}: {address: Address}): boolean =>
      known.some(other => isSameServer(other.address, address));
    const queued = this.#left.filter(left => !isKnown(left)).map(proposed);
    const hosts = this.#sshHosts
      .map(address => proposed({address}))
      .filter(host => !isKnown(host) && !queued.some(isAt(host)));
    const isListed = [...known, ...queued].some(({address}) => isSameServer(address, local));
    this.#rows = [
      ...bookmarks(known).map(server => this.#row(server, 'bookmark')),
      ...recents(known).map(server => this.#row(server, 'recent')),
      ...queued.map(server => this.#row(server, 'queued')),
      ...hosts.map(server => this.#row(server, 'ssh')),
      ...(isListed ? [] : [this.#row(proposed({address: local}), 'local')]),
    ];
    this.#cursor = fitViewport({cursor: this.#cursor, offset: 0}, this.#rows.length, 1).cursor;
    if (before === undefined) {
      this.#repainter.now();
    } else {
      this.aim(before.address);
    }
  }

  #row(server: KnownServer, kind: ServerRow['kind']): ServerRow {
    const left = this.#left.find(({address}) => isSameServer(address, server.address));
    return {...server, kind, left, server: displayName(serverName(server.address))};
  }
}

/**
 * The result of reading the database; undefined if its disk fails, or another process holds it: the next check tries
 * again.
 */
function attempt<Result>(read: () => Result): Result | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

function isAt(one: {readonly address: Address}): (other: {readonly address: Address}) => boolean {
  return other => isSameServer(one.address, other.address);
}

function proposed({address}: {address: Address}): KnownServer {
  return {address, usedMs: undefined, label: undefined};
}

function bookmarks(known: readonly KnownServer[]): readonly KnownServer[] {
  return known
    .filter(({label}) => label !== undefined)
    .toSorted((one, other) => byName(one.label ?? '', other.label ?? ''));
}

let collator: Intl.Collator | undefined;

function byName(one: string, other: string): number {
  // Made only when there are two bookmarks: making it takes a tenth of the time of the first frame.
  collator ??= new Intl.Collator('en', {numeric: true, sensitivity: 'base'});
  return collator.compare(one, other);
}

function recents(known: readonly KnownServer[]): readonly KnownServer[] {
  return known
    .filter(({label}) => label === undefined)
    .toSorted((one, other) => (other.usedMs ?? 0) - (one.usedMs ?? 0));
}
