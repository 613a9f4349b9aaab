/** What a client has to pass before anything that it asks is read. */
import type {RemotePath} from '../../protocol/remote-path.ts';
import type {Store} from '../store/store.ts';
import type {TlsDoor} from './tls-door.ts';
import type {TokenBook} from './tokens/token-book.ts';

export type Door = {
  /** Without it, plain TCP. */
  readonly tls?: TlsDoor | undefined;
  /** Without it, nobody has to prove anything. */
  readonly tokens?: TokenBook | undefined;
  /** Whether the address that is printed has a token in it. */
  readonly showsToken?: boolean | undefined;
};

/** The store that the holder of a token for `folder` sees. @throws JangadaError if it cannot be opened. */
export type StoreFor = (folder: RemotePath) => Store;
