/** What a client has to pass before the server reads its requests: TLS, a token. */
import type {Store} from '../store/store.ts';
import type {TlsDoor} from './tls-door.ts';
import type {TokenBook} from './tokens/token-book.ts';

export type Door = {
  /** Undefined: plain TCP. */
  readonly tls?: TlsDoor | undefined;
  /** Undefined: clients need no token. */
  readonly tokens?: TokenBook | undefined;
  /** Whether the printed address contains a token. */
  readonly showsToken?: boolean | undefined;
};

/** A store that one connection uses. */
export type StoreInUse = {
  readonly store: Store;
  /** The connection no longer uses the store. */
  leave(): void;
};
