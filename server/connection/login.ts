/**
 * The login of one connection. The greeting asks for a proof, and the client sends it in a `login` frame before its first
 * request. The server answers a right proof with its own proof. After a wrong one it waits, then ends the connection.
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
import type {StoreFor} from '../doors/door.ts';
import type {TokenBook} from '../doors/tokens/token-book.ts';
import type {Store} from '../store/store.ts';
import type {ClientSocket} from './client-socket.ts';
import type {Means} from './means.ts';

/** What the logins of all connections share. */
export type LoginMeans = {
  readonly tokens: TokenBook;
  readonly wrongProofs: Means['wrongProofs'];
  readonly storeFor: StoreFor;
};

type Verdict =
  | {isRight: true; token: Token; store: Store; welcome: Buffer}
  | {isRight: false; count: number; delayMs: number};

export class Login {
  /** For the greeting. */
  readonly nonce = randomBytes(nonceSize);
  readonly #means: LoginMeans;
  readonly #socket: ClientSocket;
  readonly #peer: string;

  constructor(means: LoginMeans, socket: ClientSocket, peer: string) {
    this.#means = means;
    this.#socket = socket;
    this.#peer = peer;
  }

  /**
   * Check the payload of a `login`.
   *
   * @throws JangadaError `bad_request` for an invalid payload; the reason if the server cannot open the token's folder.
   */
  judge(payload: Buffer): Verdict {
    const {nonce, proof} = decodePayload(loginSchema, payload, 'bad_request');
    const {storeFor, tokens, wrongProofs} = this.#means;
    const exporter =
      this.#socket instanceof TLSSocket
        ? this.#socket.exportKeyingMaterial(exporterSize, exporterLabel, Buffer.alloc(0))
        : Buffer.alloc(0);
    const terms = {exporter, serverNonce: this.nonce, clientNonce: nonce};
    const token = tokens.match(proof, text => proofOf('client', text, terms));
    if (token === undefined) {
      return {isRight: false, ...wrongProofs.add(this.#peer)};
    }

    wrongProofs.forget(this.#peer);
    const welcome = encodeWelcome({proof: proofOf('server', token.token, terms)});
    return {isRight: true, token, store: storeFor(token.folder), welcome};
  }
}

export const wrongToken = new JangadaError(
  'unauthorized',
  'The token is wrong or no longer valid. On the machine of the server, jangada-server token list shows the valid ones',
);
