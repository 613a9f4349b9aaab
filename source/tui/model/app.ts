/**
 * The state of the interface, apart from React: keys and events go in, and a snapshot of the screen
 * comes out. Components render the snapshot and decide nothing. `App` composes the parts; keys act
 * on the parts, not on `App`.
 *
 *     keys ─┐          ┌─ Browser ─ Client
 *     size ─┼─▶ App ─▶ ┼─ TransferList ─ Queue      changed ─▶ Repainter ─▶ view()
 *     paste ┘          └─ Verifier, Dialogs, Downloads, Panes …
 */
import {type DisplayText, displayName} from '../../../protocol/display-text.ts';
import type {RemotePath} from '../../../protocol/remote-path.ts';
import type {Client, LinkState} from '../../client/client.ts';
import type {ConflictPolicy, Queue} from '../../transfers/queue/queue.ts';
import {perform} from '../keys/binding.ts';
import {confirmQuit} from '../keys/dialogs/quit-dialog.ts';
import {helpAdvice, pressInHelp} from '../keys/help/help-keys.ts';
import {helpSections} from '../keys/help/help-sections.ts';
import {IdleActions} from '../keys/idle-actions.ts';
import {bindingOf, keyOf} from '../keys/keymap.ts';
import {Pointer} from '../keys/mouse/pointer.ts';
import type {Target} from '../keys/mouse/target.ts';
import {adviceFor, UnboundKeys} from '../keys/unbound-keys.ts';
import type {Key} from '../terminal/key.ts';
import type {Mouse} from '../terminal/mouse.ts';
import {shortFolder} from '../text/home.ts';
import {say} from '../text/say.ts';
import {Dialogs, type DialogView} from './dialogs.ts';
import {type Counted, Downloads} from './download/downloads.ts';
import {Browser} from './files/browser.ts';
import type {FilesView} from './files/files-view.ts';
import {FoundMemory} from './finding/found-memory.ts';
import {RemotePaths} from './finding/remote-paths.ts';

import {HelpPage, type HelpView} from './help/help-page.ts';

import {FileFacts, type FileFactsView} from './here/file-facts.ts';
import {hasPreviewRoom, type Layout, type Pane, type Size} from './layout.ts';
import {LinkWatch} from './link-watch.ts';
import {type Message, Messages} from './messages.ts';
import {Panes} from './panes.ts';
import type {Destination, Parts} from './parts.ts';
import {Repainter} from './repainter.ts';
import {ServerWatch} from './server-watch.ts';
import {TransferList, type TransfersView} from './transfers/transfer-list.ts';
import {Undo} from './transfers/undo.ts';
import {LineHistory} from './typing/line-history.ts';
import {Prompt, type PromptView} from './typing/prompt.ts';
import {WorkerWatch} from './worker-watch.ts';

type AppOptions = {
  client: Client;
  queue: Queue;
  /** Absolute path of the folder that downloads are saved in. */
  folder: string;
  /** The folder to begin in. */
  startPath: RemotePath;
  /** The folder at which local paths begin. Default: `startPath`. */
  base?: RemotePath;
  size: Size;
  /** Stops the program until the shell continues it. Then it resolves with whether the program was stopped. */
  suspend: () => Promise<boolean>;
  /**
   * Gives a key to the typed line on the screen, and returns once the line has taken it. Default: there is no line on a
   * screen.
   */
  typeInto?: (stroke: string) => void;
  /** Puts text into the clipboard. @returns whether it was tried. Default: there is no clipboard. */
  copy?: (text: string) => boolean;
  /** Commands that were typed before. Default: none. */
  history?: LineHistory | undefined;
  /** Messages to begin with: a remark, and one about a problem. */
  notice?: string;
  complaint?: string;
  /** Whether the screen uses the mouse. Default: it does. */
  mouse?: boolean;
  /** What to do about local files that exist. Default: ask about each. */
  onConflict?: ConflictPolicy;
};

export type AppView = FileFactsView & {
  readonly size: Size;
  readonly layout: Layout;
  readonly focus: Pane;
  /** Actions of the focused pane that would do nothing now. */
  readonly idle: readonly string[];
  readonly server: DisplayText;
  readonly folder: DisplayText;
  readonly link: LinkState;
  /** Seconds until the next attempt to reconnect; 0 during an attempt. */
  readonly retryInSeconds: number;
  readonly files: FilesView;
  readonly transfers: TransfersView;
  /** Files and bytes counted so far in a tree. */
  readonly counting: Counted | undefined;
  readonly dialog: DialogView | undefined;
  readonly prompt: PromptView | undefined;
  readonly message: Message | undefined;
  /** Undefined while the help page is closed. */
  readonly help: HelpView | undefined;
};

export type Scene = Pick<
  AppView,
  'size' | 'layout' | 'focus' | 'idle' | 'help' | 'dialog' | 'prompt' | 'message'
> & {
  /** Whether the details of a transfer are shown over the panes. */
  readonly isOpened: boolean;
};

export class App {
  readonly repainter = new Repainter();
  readonly #parts: Parts;
  readonly #servers: ServerWatch;
  readonly #folderName: DisplayText;
  readonly #unbound: UnboundKeys;
  readonly #idle: IdleActions;
  readonly #pointer: Pointer;
  readonly #link: LinkWatch;
  readonly #facts: FileFacts;
  readonly #ends: Array<() => void> = [];
  readonly #quit = Promise.withResolvers<Destination>();
  #isLeaving = false;
  #view: AppView | undefined;
  #viewVersion = -1;

  constructor(options: AppOptions) {
    const {client, queue, folder, size, startPath, base = startPath, notice} = options;
    const {suspend, typeInto, complaint, onConflict, copy = () => false, mouse = true} = options;
    this.#folderName = shortFolder(folder);
    const {repainter} = this;
    const messages = new Messages(repainter);
    const dialogs = new Dialogs(repainter, {isTyping: () => this.#parts.prompt.isOpen});
    const transfers = new TransferList(queue, repainter);
    const facts = new FileFacts({client, queue, folder, base}, repainter);
    this.#facts = facts;
    const {here, preview, verifier, verifyList} = facts;
    const found = new FoundMemory(client);
    const browser = new Browser(
      {
        list: (path, call) => client.list(path, call),
        find: (path, masks, call) => found.find(path, masks, call),
        isConnected: () => client.link.name === 'connected',
      },
      repainter,
    );
    this.#parts = {
      queue,
      folder,
      browser,
      remote: new RemotePaths(client),
      history: options.history ?? new LineHistory(),
      transfers,
      undo: new Undo(queue),
      ...{here, preview, verifier, verifyList},
      downloads: new Downloads({
        ...{client, queue, folder, base},
        ...{browser, transfers, dialogs, messages, keyOf},
        ...(onConflict === undefined ? {} : {onConflict}),
      }),
      dialogs,
      prompt: new Prompt(repainter, {
        give: typeInto ?? (() => {}),
        press: key => this.press(key),
      }),
      messages,
      repainter,
      panes: new Panes({size, files: browser, transfers, results: verifyList}, repainter),
      help: new HelpPage(
        {
          sections: () => helpSections(this.#parts.panes.focus, mouse),
          screen: () => this.#parts.panes.size,
        },
        repainter,
      ),
      keyOf,
      copy,
      suspend: () => void this.#suspend(suspend),
      leave: (to = 'shell') => this.#leave(to),
    };
    this.#unbound = new UnboundKeys(messages);
    this.#idle = new IdleActions(this.#parts);
    this.#pointer = new Pointer(this.#parts, key => this.press(key));
    this.#servers = new ServerWatch(client, messages);
    const worker = new WorkerWatch(queue, messages);
    this.#link = new LinkWatch(client, repainter, isLost => browser.linkChanged(isLost));
    this.#ends.push(
      queue.onNotice(text => messages.say(displayName(text))),
      () => this.#link.close(),
      () => this.#servers.close(),
      () => worker.close(),
      () => transfers.close(),
      queue.subscribe(() => this.#parts.panes.fit()),
      () => browser.close(),
      () => facts.close(),
      () => this.#parts.downloads.close(),
      () => dialogs.close(),
      () => this.#parts.prompt.close(),
      () => messages.close(),
    );
    if (notice !== undefined) {
      messages.say(displayName(notice));
    }

    if (complaint !== undefined) {
      messages.complain(displayName(complaint));
    }

    browser.open(startPath);
  }

  /** Resolves when the user has left, with the destination. */
  get left(): Promise<Destination> {
    return this.#quit.promise;
  }

  /** The folder on the screen. */
  get path(): RemotePath {
    return this.#parts.browser.path;
  }

  /** Handle one key; whatever is shown over the panes takes it before they do. */
  press(key: Key): void {
    const {messages, here, dialogs, prompt, panes, help, suspend} = this.#parts;
    if (key.name === 'ctrl-z') {
      // An open question or typed line stays as it is.
      suspend();
      return;
    }

    if (this.#isLeaving) {
      if (key.name === 'ctrl-c') {
        this.#leave('shell');
      }

      return;
    }

    messages.read();
    here.used();
    dialogs.used();
    if (dialogs.isOpen) {
      this.#pressInDialog(key);
    } else if (prompt.isOpen) {
      this.#pressInPrompt(key);
    } else if (help.isOpen) {
      this.#pressInHelp(key);
    } else {
      const binding = bindingOf(key.name, panes.focus);
      if (binding === undefined) {
        this.#unbound.tell(key);
      } else {
        perform(this.#parts, binding);
      }
    }
  }

  #pressInDialog(key: Key): void {
    // Ctrl-C leaves also while a question is open.
    if (key.name === 'ctrl-c') {
      this.#leave('shell');
    } else if (!this.#parts.dialogs.press(key)) {
      this.#unbound.tell(key, adviceFor.question);
    }
  }

  #pressInPrompt(key: Key): void {
    const {prompt, panes, help} = this.#parts;
    if (key.name === 'ctrl-c') {
      void confirmQuit(this.#parts);
    } else if (!prompt.press(key)) {
      const isMove = key.name === 'up' || key.name === 'down';
      const binding = isMove ? bindingOf(key.name, panes.focus) : undefined;
      if (isMove && help.isOpen) {
        this.#pressInHelp(key);
      } else if (binding === undefined) {
        this.#unbound.tell(key, adviceFor.line);
      } else {
        perform(this.#parts, binding);
      }
    }
  }

  #pressInHelp(key: Key): void {
    const move = bindingOf(key.name, 'verifier')?.move;
    if (key.name === 'ctrl-c') {
      void confirmQuit(this.#parts);
    } else if (!pressInHelp(this.#parts, key, move)) {
      this.#unbound.tell(key, helpAdvice());
    }
  }

  /** Text from the clipboard; only a typed line can take it. */
  paste(text: string): void {
    const {prompt, dialogs, messages} = this.#parts;
    if (prompt.isOpen && !dialogs.isOpen) {
      prompt.paste(text);
    } else {
      messages.say(displayName('Pasted text is only taken where a line is typed.'));
    }
  }

  /** A click, or a notch of the wheel, on `target`. */
  point(mouse: Mouse, target: Target, atMs: number): void {
    if (!this.#isLeaving) {
      this.#pointer.take(mouse, target, atMs);
    }
  }

  /** What is drawn where on the screen: all that the mouse needs. */
  get scene(): Scene {
    const {panes, dialogs, prompt, messages, help} = this.#parts;
    const {size, layout, focus} = panes;
    const over = {dialog: dialogs.view(), prompt: prompt.view(), help: help.view()};
    const {isOpened} = this.#parts.transfers.view();
    const idle = this.#idle.in(focus);
    return {size, layout, focus, idle, ...over, message: messages.current, isOpened};
  }

  /** The typed line on the screen has a new text, because of a key that it got. */
  readonly typed = (text: string): void => {
    this.#parts.prompt.typed(text);
  };

  resize(size: Size): void {
    this.#parts.panes.resize(size);
  }

  async #suspend(suspend: () => Promise<boolean>): Promise<void> {
    if (!(await suspend())) {
      this.#parts.messages.say(say`No shell can bring jangada back here: it stays open.`);
    }
  }

  #leave(to: Destination): void {
    const {queue, messages} = this.#parts;
    const leavesAtOnce = this.#isLeaving || queue.totals().active === 0;
    // Further keys of the same read are not meant for this screen.
    this.#isLeaving = true;
    if (leavesAtOnce) {
      this.#quit.resolve(to);
      return;
    }

    messages.say(say`Finishing the blocks in hand. Ctrl-C leaves at once.`);
    void queue.finishInHand().then(() => this.#quit.resolve(to));
  }

  /** Release everything that the interface holds; the caller keeps client and queue. */
  close(): void {
    for (const end of this.#ends.splice(0)) {
      end();
    }

    this.repainter.close();
  }

  /** The screen as data; the same object until something changes. */
  view(): AppView {
    if (this.#view === undefined || this.#viewVersion !== this.repainter.version) {
      this.#viewVersion = this.repainter.version;
      this.#view = this.#compose();
    }

    return this.#view;
  }

  #compose(): AppView {
    const {browser, dialogs, prompt, messages, panes, help} = this.#parts;
    const files = browser.view();
    const transfers = this.#parts.transfers.view();
    return {
      size: panes.size,
      layout: panes.layout,
      focus: panes.focus,
      idle: this.#idle.in(panes.focus),
      server: this.#servers.words,
      folder: this.#folderName,
      ...this.#link.view(),
      files,
      ...this.#facts.view({
        ...{files, transfers, current: browser.current()},
        isFocused: panes.focus === 'verifier',
        isRoomy: hasPreviewRoom(panes.layout),
      }),
      transfers,
      counting: this.#parts.downloads.counting,
      dialog: dialogs.view(),
      prompt: prompt.view(),
      message: messages.current,
      help: help.view(),
    };
  }
}
