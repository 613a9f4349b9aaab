/**
 * The login of one connection. The greeting asks for a proof, and the client sends it in a `login` frame before its first
 * request. The server answers a right proof with its own proof, and ends the connection after a wrong one. After wrong proofs
 * of an address the server does not look at the next one for a while, whether it is right or wrong: if only the answer to a
 * wrong one came late, a guesser would not wait for it, and connect again.
 */
import {Buffer} from 'node:buffer';
import {randomBytes} from 'node:crypto';
import {TLSSocket} from 'node:tls';
import {JangadaError} from '../../protocol/errors.ts';
import {
  encodeWelcome,
  exporterLabel,
  exporterSize,
  loginSchema,
  nonceSize,
  proofOf,
} from '../../protocol/login.ts';
import {decodePayload} from '../../protocol/messages.ts';
import type {Token} from '../../protocol/program/tokens.ts';
import type {StoreInUse} from '../doors/door.ts';
import type {TokenFolders} from '../doors/token-folders.ts';
import type {TokenBook} from '../doors/tokens/token-book.ts';
import type {Store} from '../store/store.ts';
import type {ClientSocket} from './client-socket.ts';
import type {ConnectionLog} from './connection-log.ts';
import type {Means} from './means.ts';

/** What the logins of all connections share. */
export type LoginMeans = {
  readonly tokens: TokenBook;
  readonly wrongProofs: Means['wrongProofs'];
  readonly folders: Pick<TokenFolders, 'ready' | 'storeFor'>;
};

type Client = {
  socket: ClientSocket;
  /** The address of the client. */
  peer: string;
};

/** What follows after a proof. */
type Answering = {
  /** @param store what the client may read. */
  welcome(store: Store, welcome: Buffer): void;
  /** @param error the reason why the connection ends. */
  refuse(error: unknown): void;
};

export class Login {
  /** For the greeting. */
  readonly nonce = randomBytes(nonceSize);
  readonly #means: LoginMeans;
  readonly #client: Client;
  readonly #log: Pick<ConnectionLog, 'wrongToken'>;
  #token: Token | undefined;
  #inUse: StoreInUse | undefined;
  #held: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(means: LoginMeans, client: Client, log: Pick<ConnectionLog, 'wrongToken'>) {
    this.#means = means;
    this.#client = client;
    this.#log = log;
  }

  /** The token with which the client has logged in. */
  get token(): Token | undefined {
    return this.#token;
  }

  /**
   * Judge the payload of a `login`, after the wait of its address. Wrong proofs that come during this wait do not prolong it:
   * somebody who guesses must not keep others at the same address out.
   */
  prove(payload: Buffer, answering: Answering): void {
    const waitMs = this.#means.wrongProofs.waitMs(this.#client.peer);
    if (waitMs === 0) {
      void this.#answer(payload, answering);
    } else {
      this.#held = setTimeout(() => void this.#answer(payload, answering), Math.ceil(waitMs));
    }
  }

  /** The connection is over, and no answer of it uses the store any more. */
  end(): void {
    this.#isOver = true;
    clearTimeout(this.#held);
    this.#inUse?.leave();
    this.#inUse = undefined;
  }

  async #answer(payload: Buffer, {refuse, welcome}: Answering): Promise<void> {
    try {
      const {folders} = this.#means;
      const {token, proof} = this.#judge(payload);
      const ready = folders.ready(token.folder);
      if (ready !== undefined) {
        await ready;
      }

      if (!this.#isOver) {
        this.#inUse = folders.storeFor(token.folder);
        this.#token = token;
        welcome(this.#inUse.store, encodeWelcome({proof}));
      }
    } catch (error) {
      if (!this.#isOver) {
        refuse(error);
      }
    }
  }

  /**
   * The token that the client knows, and the proof that this server knows it.
   *
   * @throws JangadaError `bad_request` for an invalid payload, `unauthorized` for a wrong proof.
   */
  #judge(payload: Buffer): {token: Token; proof: Buffer} {
    const {nonce, proof} = decodePayload(loginSchema, payload, 'bad_request');
    const {peer, socket} = this.#client;
    const exporter =
      socket instanceof TLSSocket
        ? socket.exportKeyingMaterial(exporterSize, exporterLabel, Buffer.alloc(0))
        : Buffer.alloc(0);
    const terms = {exporter, serverNonce: this.nonce, clientNonce: nonce};
    const {tokens, wrongProofs} = this.#means;
    const token = tokens.match(proof, text => proofOf('client', text, terms));
    if (token === undefined) {
      this.#log.wrongToken(wrongProofs.add(peer));
      throw wrongToken;
    }

    return {token, proof: proofOf('server', token.token, terms)};
  }
}

export const wrongToken = new JangadaError(
  'unauthorized',
  'The token is wrong or no longer valid. On the machine of the server, jangada-server token list shows the valid ones',
);
