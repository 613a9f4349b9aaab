/**
 * The layer above the interface of one server: it shows that interface, or the screen of servers, and goes from
 * one to the other. A server is closed before the next one is opened.
 *
 *     keys ──► Screens ──► ServersScreen ──► Sessions.connect ──┐
 *                    └───► App  ◄───────────────────────────────┘
 *                            └── leaves ──► Sessions.end ──► ServersScreen
 */
import {formatAddress, serverName} from '../../../protocol/address.ts';
import {type DisplayText, displayName} from '../../../protocol/display-text.ts';
import {type RemotePath, rootPath} from '../../../protocol/remote-path.ts';
import type {ServerBook} from '../../servers/server-book.ts';
import type {Session, Sessions} from '../../servers/sessions.ts';
import type {ConflictPolicy} from '../../transfers/queue/queue.ts';
import type {Target} from '../keys/mouse/target.ts';
import type {Key} from '../terminal/key.ts';
import type {Mouse} from '../terminal/mouse.ts';
import {App} from './app.ts';
import type {Size} from './layout.ts';
import type {Destination} from './parts.ts';
import {Repainter} from './repainter.ts';
import {ServersScreen} from './servers/servers-screen.ts';
import type {LineHistory} from './typing/line-history.ts';

/** The first server, and the folder in it. */
export type Start = {readonly session: Session; readonly path: RemotePath};

export type Shown =
  | {readonly name: 'servers'; readonly screen: ServersScreen}
  /** `visit` is a new number each time a server is opened. */
  | {readonly name: 'server'; readonly app: App; readonly visit: number};

type ScreensOptions = {
  readonly sessions: Sessions;
  readonly book: ServerBook;
  /** Absolute path of the folder that downloads are saved in. */
  readonly folder: string;
  /** Commands that were typed before. */
  readonly history?: LineHistory;
  readonly size: Size;
  readonly suspend: () => Promise<boolean>;
  /** Puts text into the clipboard. @returns whether it was tried. */
  readonly copy: (text: string) => boolean;
  readonly typeInto: (stroke: string) => void;
  /** Whether the screen uses the mouse. Default: it does. */
  readonly mouse?: boolean;
  /** The answer for local files that exist. Default: ask the user. */
  readonly onConflict?: ConflictPolicy;
  /** Called when a server is shown. @returns a function that is called when it is left. */
  readonly onVisit: (session: Session, server: DisplayText) => () => void;
};

type Said = {readonly notice?: string; readonly complaint?: string};

export class Screens {
  /** Reports changes of the screen of servers, and the change to another screen. */
  readonly repainter = new Repainter();
  readonly #options: ScreensOptions;
  readonly #servers: ServersScreen;
  #size: Size;
  #shown: Shown;
  // For each server, the folder at which local paths begin; servers that are not in the map begin at the root. It does
  // not change when the user comes back to another folder, so that a file always has the same local path.
  readonly #bases = new Map<string, RemotePath>();
  #visits = 0;
  #endVisit: (() => void) | undefined;

  constructor(options: ScreensOptions) {
    this.#options = options;
    this.#size = options.size;
    this.#servers = new ServersScreen(options, this.repainter);
    this.#shown = {name: 'servers', screen: this.#servers};
  }

  get shown(): Shown {
    return this.#shown;
  }

  /**
   * Resolves when the user quits; the open server stays open.
   *
   * @param start the first server. Default: the user chooses one.
   * @param said sentences to begin with; a complaint is about something that failed.
   */
  async run(start: Start | undefined, said: Said): Promise<void> {
    if (start !== undefined) {
      this.#bases.set(serverOf(start.session), start.path);
    }

    if (start !== undefined && (await this.#visit(start, [], said)) === 'shell') {
      return;
    }

    const text = said.complaint ?? said.notice;
    let sentence = start === undefined && text !== undefined ? displayName(text) : undefined;
    for (;;) {
      const chosen = await this.#servers.choose(sentence);
      if (chosen === undefined || (await this.#visit(chosen, chosen.keys)) === 'shell') {
        return;
      }

      sentence = undefined;
    }
  }

  /** Show a server until the user leaves it. @returns the destination. */
  async #visit(
    {session, path}: Start,
    keys: readonly Key[],
    said: Said = {},
  ): Promise<Destination> {
    const {address} = session.client;
    const app = this.#open(session, path, said);
    for (const key of keys) {
      app.press(key);
    }

    const to = await app.left;
    this.#close();
    if (to === 'servers') {
      this.#show({name: 'servers', screen: this.#servers});
      await this.#servers.leave(address);
    }

    return to;
  }

  #open(session: Session, path: RemotePath, {notice, complaint}: Said): App {
    const {client, queue} = session;
    const base = this.#bases.get(serverOf(session)) ?? rootPath;
    const {book, folder, suspend, copy, typeInto, onVisit, onConflict, history, mouse} =
      this.#options;
    const {address} = client;
    const app = new App({
      ...{
        client,
        queue,
        folder,
        history,
        suspend,
        copy,
        typeInto,
        base,
        startPath: path,
        size: this.#size,
      },
      ...(notice === undefined ? {} : {notice}),
      ...(complaint === undefined ? {} : {complaint}),
      ...(onConflict === undefined ? {} : {onConflict}),
      ...(mouse === undefined ? {} : {mouse}),
    });
    let wasConnected = false;
    const remember = (): void => {
      if (!wasConnected && client.link.name === 'connected') {
        wasConnected = true;
        book.used({...address, path});
      }
    };
    const endLink = client.onLink(remember);
    const endVisit = onVisit(
      session,
      displayName(formatAddress(address).replace('jangada://', '')),
    );
    this.#endVisit = () => {
      endLink();
      endVisit();
      if (wasConnected) {
        // The folder for the next visit.
        book.used({...address, path: app.path});
      }

      app.close();
    };
    this.#show({name: 'server', app, visit: ++this.#visits});
    remember();
    return app;
  }

  #show(shown: Shown): void {
    this.#shown = shown;
    this.repainter.now();
  }

  press(key: Key): void {
    this.#receiver.press(key);
  }

  paste(text: string): void {
    this.#receiver.paste(text);
  }

  /** Handle a click or the wheel at `atMs`, on whatever is shown. */
  point(mouse: Mouse, atMs: number, targetIn: (shown: Shown) => Target): void {
    this.#receiver.point(mouse, targetIn(this.#shown), atMs);
  }

  resize(size: Size): void {
    this.#size = size;
    this.#servers.resize(size);
    if (this.#shown.name === 'server') {
      this.#shown.app.resize(size);
    }
  }

  /** Repaint pending changes at once. */
  flush(): void {
    this.repainter.flush();
    this.#receiver.repainter.flush();
  }

  get #receiver(): App | ServersScreen {
    return this.#shown.name === 'server' ? this.#shown.app : this.#shown.screen;
  }

  #close(): void {
    this.#endVisit?.();
    this.#endVisit = undefined;
  }

  /** Release everything that is shown; the open server stays open. */
  close(): void {
    this.#close();
    this.#servers.close();
    this.repainter.close();
  }
}

function serverOf({client: {address}}: Session): string {
  return serverName(address);
}
