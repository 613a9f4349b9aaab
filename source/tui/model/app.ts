/**
 * All that the interface knows and does, apart from React: keys and events go in, and a snapshot
 * of what is to be seen comes out. Components render the snapshot and decide nothing.
 *
 *     keys ─┐                ┌─ Browser ─ Client
 *     size ─┼─▶ App ─▶ parts ┼─ TransferList ─ Queue      changed ─▶ Publisher ─▶ view()
 *     paste ┘                └─ Verifier, Dialogs, Downloads
 */

import {formatAddress} from '../../../protocol/address.ts';
import {type DisplayText, displayName} from '../../../protocol/display-text.ts';
import type {RemotePath} from '../../../protocol/remote-path.ts';
import type {Client, LinkState} from '../../client/client.ts';
import type {Queue} from '../../transfers/queue/queue.ts';
import {actionOf, helpLength, type Pane, panes} from '../keymap.ts';
import type {Key} from '../terminal/key-parser.ts';
import {say} from '../text/say.ts';
import {Browser} from './browser.ts';
import {Dialogs, type DialogView} from './dialogs.ts';
import {Downloads} from './downloads.ts';
import type {FilesView} from './files-view.ts';
import {helpRoom, innerRows, type Layout, layoutFor, type Size} from './layout.ts';
import {LinkWatch} from './link-watch.ts';
import {type Message, Messages} from './messages.ts';
import {perform} from './perform.ts';
import {Prompt, type PromptView} from './prompt.ts';
import {Publisher} from './publisher.ts';
import {TransferList, type TransfersView} from './transfer-list.ts';
import {Verifier, type VerifierView} from './verifier.ts';

export type AppOptions = {
  client: Client;
  queue: Queue;
  /** Absolute path of the folder that downloads are saved in. */
  folder: string;
  startPath: RemotePath;
  size: Size;
  /** A sentence to begin with. */
  notice?: string;
};

export type AppView = {
  readonly size: Size;
  readonly layout: Layout;
  readonly focus: Pane;
  readonly server: DisplayText;
  readonly folder: DisplayText;
  readonly link: LinkState;
  /** Until a lost connection is tried again; 0 while it is. */
  readonly retryInSeconds: number;
  readonly files: FilesView;
  readonly verifier: VerifierView;
  readonly transfers: TransfersView;
  readonly dialog: DialogView | undefined;
  readonly prompt: PromptView | undefined;
  readonly message: Message | undefined;
  /** First line of the help screen that is shown; undefined if it is closed. */
  readonly help: number | undefined;
};

export class App {
  readonly publisher = new Publisher();
  readonly client: Client;
  readonly queue: Queue;
  readonly folder: string;
  readonly browser: Browser;
  readonly transfers: TransferList;
  readonly verifier: Verifier;
  readonly dialogs: Dialogs;
  readonly downloads: Downloads;
  readonly messages: Messages;
  readonly prompt: Prompt;
  readonly #server: DisplayText;
  readonly #folderName: DisplayText;
  readonly #link: LinkWatch;
  readonly #ends: Array<() => void> = [];
  readonly #quit = Promise.withResolvers<void>();
  #size: Size;
  #layout: Layout;
  #focus: Pane = 'files';
  #help: number | undefined;
  #isLeaving = false;
  #view: AppView | undefined;
  #viewVersion = -1;

  constructor(options: AppOptions) {
    const {client, queue, folder, size} = options;
    this.client = client;
    this.queue = queue;
    this.folder = folder;
    this.#server = displayName(formatAddress(client.address).replace('jangada://', ''));
    this.#folderName = displayName(folder);
    this.#size = size;
    this.#layout = layoutFor(size, this.#focus);
    this.messages = new Messages(this.publisher);
    this.dialogs = new Dialogs(this.publisher);
    this.prompt = new Prompt(this.publisher);
    this.verifier = new Verifier(client, this.publisher);
    this.transfers = new TransferList(queue, this.publisher);
    this.browser = new Browser((path, call) => client.list(path, call), this.publisher);
    this.downloads = new Downloads(this);
    this.#link = new LinkWatch(client, this.publisher, () => this.browser.readOn());
    this.#ends.push(
      () => this.#link.close(),
      () => this.transfers.close(),
      () => this.browser.close(),
      () => this.verifier.stop(),
      () => this.downloads.stop(),
      () => this.dialogs.close(),
    );
    this.#arrange();
    if (options.notice !== undefined) {
      this.messages.say(displayName(options.notice));
    }

    this.browser.open(options.startPath);
  }

  get focus(): Pane {
    return this.#focus;
  }

  /** Resolves when the user has left. */
  get left(): Promise<void> {
    return this.#quit.promise;
  }

  /** One key; whatever is open takes it before the panes do. */
  press(key: Key): void {
    if (this.#isLeaving) {
      if (key.name === 'ctrl-c') {
        this.leave();
      }

      return;
    }

    // A message is read by whoever presses the next key.
    this.messages.clear();
    if (this.dialogs.isOpen) {
      this.#pressInDialog(key);
    } else if (this.prompt.isOpen) {
      this.#pressInPrompt(key);
    } else if (this.#help !== undefined) {
      this.#pressInHelp(key);
    } else {
      const action = actionOf(key.name, this.#focus);
      if (action !== undefined) {
        perform(this, action);
      }
    }
  }

  #pressInDialog(key: Key): void {
    // Asked twice, Ctrl-C is an answer.
    if (key.name === 'ctrl-c') {
      this.leave();
    } else {
      this.dialogs.press(key);
    }
  }

  #pressInPrompt(key: Key): void {
    if (key.name === 'ctrl-c') {
      perform(this, 'quit');
    } else if (!this.prompt.press(key) && (key.name === 'up' || key.name === 'down')) {
      perform(this, key.name);
    }
  }

  #pressInHelp(key: Key): void {
    const action = actionOf(key.name, 'verifier');
    const page = helpRoom(this.#size);
    const last = Math.max(0, helpLength - page);
    const steps: Partial<Record<string, number>> = {
      up: -1,
      down: 1,
      pageUp: -page,
      pageDown: page,
      halfUp: -Math.ceil(page / 2),
      halfDown: Math.ceil(page / 2),
      top: -last,
      bottom: last,
    };
    const step = action === undefined ? undefined : steps[action];
    if (step !== undefined) {
      this.#help = Math.max(0, Math.min(last, (this.#help ?? 0) + step));
    } else if (action === 'quit' && key.name === 'ctrl-c') {
      perform(this, 'quit');
    } else {
      this.#help = undefined;
    }

    this.publisher.now();
  }

  /** Text from the clipboard; only a line that is being typed can take it. */
  paste(text: string): void {
    if (this.prompt.isOpen && !this.dialogs.isOpen) {
      this.prompt.paste(text);
    } else {
      this.messages.say(displayName('Pasted text is only taken where a line is typed.'));
    }
  }

  resize(size: Size): void {
    this.#size = size;
    this.#arrange();
    this.publisher.now();
  }

  focusOn(pane: Pane): void {
    if (this.#focus === 'transfers' && pane !== 'transfers') {
      this.transfers.release();
    }

    this.#focus = pane;
    this.#arrange();
    this.publisher.now();
  }

  /** The pane so many places after the one with the keys. */
  focusNext(by: 1 | -1): void {
    const index = (panes.indexOf(this.#focus) + by + panes.length) % panes.length;
    this.focusOn(panes[index] ?? 'files');
  }

  openHelp(): void {
    this.#help = 0;
    this.publisher.now();
  }

  /** End the interface as soon as what is arriving is here; at once if nothing is, or if asked twice. */
  leave(): void {
    if (this.#isLeaving || this.queue.totals().active === 0) {
      this.#quit.resolve();
      return;
    }

    this.#isLeaving = true;
    this.messages.say(say`Finishing the blocks in hand. Ctrl-C leaves at once.`);
    void this.queue.finishInHand().then(() => this.#quit.resolve());
  }

  /** Release all that the interface holds; client and queue belong to who made them. */
  close(): void {
    for (const end of this.#ends.splice(0)) {
      end();
    }

    this.publisher.close();
  }

  #arrange(): void {
    this.#layout = layoutFor(this.#size, this.#focus);
    const {files, transfers} = this.#layout.panes;
    this.browser.resize(Math.max(1, innerRows(files)));
    this.transfers.resize(Math.max(1, innerRows(transfers)));
  }

  /** What is to be seen; the same object until something changes. */
  view(): AppView {
    if (this.#view === undefined || this.#viewVersion !== this.publisher.version) {
      this.#viewVersion = this.publisher.version;
      this.#view = this.#compose();
    }

    return this.#view;
  }

  #compose(): AppView {
    return {
      size: this.#size,
      layout: this.#layout,
      focus: this.#focus,
      server: this.#server,
      folder: this.#folderName,
      ...this.#link.view(),
      files: this.browser.view(),
      verifier: this.verifier.view(),
      transfers: this.transfers.view(),
      dialog: this.dialogs.view(),
      prompt: this.prompt.view(),
      message: this.messages.current,
      help: this.#help,
    };
  }
}
