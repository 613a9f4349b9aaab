/**
 * The state of the connection to the server, and a countdown to the next attempt. The timer runs only during the
 * countdown.
 */
import type {Client, LinkState} from '../../client/client.ts';
import type {Repainter} from './repainter.ts';

type LinkView = {
  readonly link: LinkState;
  /** Whole seconds until the next attempt; 0 during an attempt, and with a connection. */
  readonly retryInSeconds: number;
};

const secondMs = 1000;

export class LinkWatch {
  readonly #client: Pick<Client, 'link' | 'onLink'>;
  readonly #repainter: Repainter;
  readonly #now: () => number;
  readonly #end: () => void;
  #timer: NodeJS.Timeout | undefined;

  /** @param onChange called at each change, with whether the connection is lost. */
  constructor(
    client: Pick<Client, 'link' | 'onLink'>,
    repainter: Repainter,
    onChange: (isLost: boolean) => void,
    now: () => number = Date.now,
  ) {
    this.#client = client;
    this.#repainter = repainter;
    this.#now = now;
    this.#end = client.onLink(link => {
      this.#count();
      repainter.now();
      onChange(link.name === 'waiting');
    });
  }

  view(): LinkView {
    return {
      link: this.#client.link,
      retryInSeconds: Math.ceil(Math.max(0, this.#leftMs) / secondMs),
    };
  }

  close(): void {
    this.#end();
    clearTimeout(this.#timer);
  }

  get #leftMs(): number {
    const {link} = this.#client;
    return link.name === 'waiting' ? link.retryAtMs - this.#now() : 0;
  }

  /** Repaint when the next whole second has passed. */
  #count(): void {
    clearTimeout(this.#timer);
    const leftMs = this.#leftMs;
    if (leftMs > 0) {
      this.#timer = setTimeout(
        () => {
          this.#repainter.soon();
          this.#count();
        },
        leftMs % secondMs || secondMs,
      );
    }
  }
}
