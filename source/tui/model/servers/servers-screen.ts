/**
 * The screen of servers, apart from React: recent servers and bookmarks to choose from, and a line for another address.
 */
import {type Address, serverName} from '../../../../protocol/address.ts';
import {type DisplayText, displayName} from '../../../../protocol/display-text.ts';
import {isJangadaError} from '../../../../protocol/errors.ts';
import type {CertificateError} from '../../../client/connection/certificate-error.ts';
import type {ServerBook} from '../../../servers/server-book.ts';
import type {Sessions} from '../../../servers/sessions.ts';
import {helpAdvice, pressInHelp} from '../../keys/help/help-keys.ts';
import {bindingOf, serversBindingOf, serversKeyOf} from '../../keys/keymap.ts';
import type {Target} from '../../keys/mouse/target.ts';
import {typeAddress} from '../../keys/servers/address-line.ts';
import {serversHelp} from '../../keys/servers/servers-help.ts';
import {ServersPointer} from '../../keys/servers/servers-pointer.ts';
import {askForTrust} from '../../keys/servers/trust-line.ts';
import {adviceFor, UnboundKeys} from '../../keys/unbound-keys.ts';
import type {Key} from '../../terminal/key.ts';
import type {Mouse} from '../../terminal/mouse.ts';
import {say, sentence} from '../../text/say.ts';
import {HelpPage, type HelpView} from '../help/help-page.ts';
import type {Size} from '../layout.ts';
import {type Message, Messages} from '../messages.ts';
import type {Repainter} from '../repainter.ts';
import {Prompt, type PromptView} from '../typing/prompt.ts';
import {type Connected, Connecting, type Failure} from './connecting.ts';
import {ServerList, type ServerRow} from './server-list.ts';
import type {ServersParts} from './servers-parts.ts';

type ServersScreenOptions = {
  readonly book: ServerBook;
  readonly sessions: Sessions;
  readonly size: Size;
  /** Stops the program until the shell continues it. Then it resolves with whether the program was stopped. */
  readonly suspend: () => Promise<boolean>;
  /** Gives a key to the typed line on the screen, and returns once the line has taken it. */
  readonly typeInto: (stroke: string) => void;
  /** Whether the screen uses the mouse. Default: it does. */
  readonly mouse?: boolean;
};

export type ServersView = {
  readonly size: Size;
  readonly rows: readonly ServerRow[];
  readonly cursor: number;
  /** The server that is being connected or closed at this moment. */
  readonly work:
    | {readonly name: 'connecting' | 'leaving'; readonly server: DisplayText}
    | undefined;
  readonly failure: Failure | undefined;
  /** A sentence about a problem with the list itself. */
  readonly trouble: DisplayText | undefined;
  readonly prompt: PromptView | undefined;
  readonly message: Message | undefined;
  /** Undefined while the help page is closed. */
  readonly help: HelpView | undefined;
};

/** Lines of the screen without rows of the list. */
const otherLines = 6;

export class ServersScreen {
  readonly repainter: Repainter;
  readonly #book: ServerBook;
  readonly #parts: ServersParts;
  readonly #unbound: UnboundKeys;
  readonly #pointer: ServersPointer;
  #size: Size;
  readonly #quit = Promise.withResolvers<undefined>();
  #choice = Promise.withResolvers<Connected>();
  #view: ServersView | undefined;
  #viewVersion = -1;

  constructor(options: ServersScreenOptions, repainter: Repainter) {
    const {book, sessions, size, suspend, typeInto, mouse = true} = options;
    this.repainter = repainter;
    this.#book = book;
    this.#size = size;
    const messages = new Messages(repainter);
    this.#unbound = new UnboundKeys(messages);
    this.#parts = {
      list: new ServerList({book, sessions}, repainter),
      connecting: new Connecting(sessions, repainter),
      prompt: new Prompt(repainter, {give: typeInto, press: key => this.press(key)}),
      messages,
      help: new HelpPage({sections: () => serversHelp(mouse), screen: () => this.#size}, repainter),
      keyOf: serversKeyOf,
      pageRows: () => Math.max(1, this.#size.rows - otherLines),
      open: address => void this.#open(address),
      trust: certificate => this.#trust(sessions, certificate),
      suspend: () => void this.#suspend(suspend),
      quit: () => this.#quit.resolve(undefined),
    };
    this.#pointer = new ServersPointer(this.#parts, key => this.press(key));
  }

  /**
   * Resolves with the server that the user has chosen, once it is connected; with undefined if the user quits.
   *
   * @param notice a sentence to begin with.
   */
  async choose(notice?: DisplayText): Promise<Connected | undefined> {
    this.#choice = Promise.withResolvers();
    this.#parts.list.read();
    if (notice !== undefined) {
      this.#parts.messages.say(notice);
    }

    try {
      return await Promise.race([this.#choice.promise, this.#quit.promise]);
    } finally {
      this.#parts.list.stop();
    }
  }

  /** Resolves once the server at `address` is closed, or the user quits. The cursor is on its row. */
  async leave(address: Address): Promise<void> {
    const {list, connecting} = this.#parts;
    list.read();
    list.aim(address);
    const keys = await Promise.race([connecting.leave(address), this.#quit.promise]);
    // After all code that waits for this promise: then the user can choose a server again.
    setImmediate(() => {
      for (const key of keys ?? []) {
        this.press(key);
      }
    });
  }

  press(key: Key): void {
    const {messages, prompt, help, suspend, quit} = this.#parts;
    if (key.name === 'ctrl-z') {
      suspend();
      return;
    }

    if (key.name === 'ctrl-c') {
      quit();
      return;
    }

    messages.read();
    if (this.#parts.connecting.work !== undefined) {
      this.#pressMeanwhile(key);
    } else if (prompt.isOpen) {
      this.#pressInPrompt(key);
    } else if (help.isOpen) {
      this.#pressInHelp(key);
    } else {
      this.#pressInList(key);
    }
  }

  #pressMeanwhile(key: Key): void {
    const {connecting, messages, quit} = this.#parts;
    const server = this.#workedOn;
    const action = serversBindingOf(key.name)?.action;
    if (action === 'back') {
      if (connecting.giveUp()) {
        messages.say(say`Gave up connecting to ${server}.`);
      }
    } else if (connecting.work?.name === 'connecting' && action === 'quit') {
      quit();
    } else {
      connecting.hold(key);
    }
  }

  #pressInPrompt(key: Key): void {
    const {prompt, help} = this.#parts;
    if (prompt.press(key)) {
      return;
    }

    if (help.isOpen && (key.name === 'up' || key.name === 'down')) {
      this.#pressInHelp(key);
    } else {
      this.#unbound.tell(key, adviceFor.line);
    }
  }

  #pressInHelp(key: Key): void {
    const move = bindingOf(key.name, 'verifier')?.move;
    if (!pressInHelp(this.#parts, key, move)) {
      this.#unbound.tell(key, helpAdvice());
    }
  }

  #pressInList(key: Key): void {
    const binding = serversBindingOf(key.name);
    if (binding !== undefined) {
      binding.perform(this.#parts);
    } else if (key.text.trim() === '') {
      this.#unbound.tell(key);
    } else {
      typeAddress(this.#parts, '');
      this.#parts.prompt.press(key);
    }
  }

  /** A click, or a notch of the wheel, on `target`. */
  point(mouse: Mouse, target: Target, atMs: number): void {
    this.#pointer.take(mouse, target, atMs);
  }

  /** Text from the clipboard: an address, unless another line is open. */
  paste(text: string): void {
    const {prompt, help, connecting} = this.#parts;
    if (connecting.work !== undefined) {
      return;
    }

    if (!prompt.isOpen) {
      help.close();
      typeAddress(this.#parts, '');
    }

    prompt.paste(text.trim());
  }

  /** The typed line on the screen has a new text, because of a key that it got. */
  readonly typed = (text: string): void => {
    this.#parts.prompt.typed(text);
  };

  resize(size: Size): void {
    this.#size = size;
    this.repainter.now();
  }

  async #open(address: Address): Promise<void> {
    const connected = await this.#parts.connecting.connect(address);
    if (connected === undefined) {
      // Another program may have changed the list meanwhile.
      this.#parts.list.read();
      const certificate = this.#parts.connecting.failure?.certificate;
      if (certificate !== undefined) {
        askForTrust(this.#parts, {address, certificate});
      }
    } else {
      this.#choice.resolve(connected);
    }
  }

  #trust(sessions: Sessions, certificate: CertificateError): void {
    try {
      sessions.trust(certificate);
    } catch (error) {
      if (!isJangadaError(error)) {
        throw error;
      }

      this.#parts.messages.say(sentence(displayName(error.message)));
    }
  }

  async #suspend(suspend: () => Promise<boolean>): Promise<void> {
    if (!(await suspend())) {
      this.#parts.messages.say(say`No shell can bring jangada back here: it stays open.`);
    }
  }

  get #workedOn(): DisplayText {
    const {work} = this.#parts.connecting;
    return work === undefined ? say`` : displayName(serverName(work.address));
  }

  /** Release everything that the screen holds; stop connecting. */
  close(): void {
    const {list, connecting, prompt, messages} = this.#parts;
    list.close();
    connecting.close();
    prompt.close();
    messages.close();
  }

  /** The screen as data; the same object until something changes. */
  view(): ServersView {
    if (this.#view === undefined || this.#viewVersion !== this.repainter.version) {
      this.#viewVersion = this.repainter.version;
      this.#view = this.#compose();
    }

    return this.#view;
  }

  #compose(): ServersView {
    const {list, connecting, prompt, messages, help} = this.#parts;
    const {work, failure} = connecting;
    const {trouble} = this.#book;
    return {
      size: this.#size,
      rows: list.rows,
      cursor: list.cursor,
      work: work && {name: work.name, server: this.#workedOn},
      failure,
      trouble: trouble === undefined ? undefined : displayName(trouble),
      prompt: prompt.view(),
      message: messages.current,
      help: help.view(),
    };
  }
}
