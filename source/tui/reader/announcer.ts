/**
 * Turns the changes on the screen into sentences, and passes them on to be written. It compares the present view
 * with the view that it told last, so that of several changes only the last is told.
 *
 *     Repainter ──► Announcer ──► the view before and the view now ──► sentences
 *     keys ──────────┘ (it waits until they rest)
 */
import type {DisplayText} from '../../../protocol/display-text.ts';
import type {App, AppView} from '../model/app.ts';
import type {Screens, Shown} from '../model/screens.ts';
import type {ServersView} from '../model/servers/servers-screen.ts';
import {appNews, appSentences, openedSentences, placeSentences} from './app-sentences.ts';
import {serversPlace, serversSentences} from './servers-sentences.ts';

type AnnouncerOptions = {
  readonly screens: Pick<Screens, 'shown' | 'repainter'>;
  readonly tell: (sentences: readonly DisplayText[]) => void;
  /** Default: the system's. */
  readonly nowMs?: () => number;
};

/** Changes within this time are told together; a key restarts it. */
const restMs = 150;
/** Pause between two pieces of news about transfers; and the longer pause while there are too many to name. */
const newsMs = 2000;
const manyNewsMs = 10_000;

type Told =
  | {readonly name: 'servers'; readonly view: ServersView}
  | {
      readonly name: 'server';
      readonly app: App;
      readonly view: AppView;
      /** The view up to which news was told. */
      readonly news: AppView;
    };

export class Announcer {
  readonly #options: AnnouncerOptions;
  readonly #nowMs: () => number;
  readonly #end: () => void;
  #endApp = (): void => {};
  #followed: Shown | undefined;
  #told: Told | undefined;
  #timer: NodeJS.Timeout | undefined;
  #newsTimer: NodeJS.Timeout | undefined;
  #wasPressed = false;
  #newsAtMs = Number.NEGATIVE_INFINITY;
  #wereMany = false;

  constructor(options: AnnouncerOptions) {
    this.#options = options;
    this.#nowMs = options.nowMs ?? (() => performance.now());
    this.#end = options.screens.repainter.subscribe(() => this.#changed());
    this.#changed();
  }

  /** A key was pressed: if it changes nothing, the sentence about the focus is repeated. */
  pressed(): void {
    this.#wasPressed = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#changed();
  }

  /** Tell all changes at once. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const {shown} = this.#options.screens;
    const sentences =
      shown.name === 'servers'
        ? this.#servers(shown.screen.view())
        : this.#server(shown.app, shown.app.view());
    this.#wasPressed = false;
    if (sentences.length > 0) {
      this.#options.tell(sentences);
    }
  }

  close(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#newsTimer);
    this.#endApp();
    this.#end();
  }

  #changed(): void {
    this.#follow();
    this.#timer ??= setTimeout(() => this.flush(), restMs);
  }

  /** Follow the changes of the server that is on the screen now. */
  #follow(): void {
    const {shown} = this.#options.screens;
    if (shown !== this.#followed) {
      this.#followed = shown;
      this.#endApp();
      this.#endApp =
        shown.name === 'server'
          ? shown.app.repainter.subscribe(() => this.#changed())
          : (): void => {};
    }
  }

  #servers(view: ServersView): DisplayText[] {
    const told = this.#told?.name === 'servers' ? this.#told.view : undefined;
    this.#told = {name: 'servers', view};
    const sentences = serversSentences(told, view);
    return this.#wasPressed && sentences.length === 0 ? serversPlace(view) : sentences;
  }

  #server(app: App, view: AppView): DisplayText[] {
    const told = this.#told?.name === 'server' && this.#told.app === app ? this.#told : undefined;
    if (told === undefined) {
      this.#told = {name: 'server', app, view, news: view};
      return openedSentences(view);
    }

    const sentences = appSentences(told.view, view);
    const place = this.#wasPressed && sentences.length === 0 ? placeSentences(view) : [];
    const news = this.#news(told.news, view);
    this.#told = {...told, view, news: news === undefined ? told.news : view};
    return [...sentences, ...place, ...(news ?? [])];
  }

  /** @returns undefined while it is too early for more news. */
  #news(before: AppView, now: AppView): DisplayText[] | undefined {
    const {active, queued} = now.transfers.queue;
    const pauseMs = this.#wereMany && active + queued > 0 ? manyNewsMs : newsMs;
    const leftMs = this.#newsAtMs + pauseMs - this.#nowMs();
    clearTimeout(this.#newsTimer);
    if (leftMs > 0) {
      this.#newsTimer = setTimeout(() => this.flush(), leftMs);
      return undefined;
    }

    const {sentences, isMany} = appNews(before, now);
    if (sentences.length > 0) {
      this.#newsAtMs = this.#nowMs();
      this.#wereMany = isMany;
    }

    return sentences;
  }
}
