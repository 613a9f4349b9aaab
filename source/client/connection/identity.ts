/**
 * Whether the server is the one that is meant, and what this side shows it. Over TLS a server is known by
 * its certificate, or by its proof that it knows the token; before one of them nothing is asked of it.
 */
import {Buffer} from 'node:buffer';
import {randomBytes} from 'node:crypto';
import {type Server, serverName, type TlsServer} from '../../../protocol/address.ts';
import {displayName} from '../../../protocol/display-text.ts';
import {JangadaError} from '../../../protocol/errors.ts';
import type {Hello} from '../../../protocol/hello.ts';
import {
  encodeLogin,
  isSameProof,
  type LoginTerms,
  nonceSize,
  proofOf,
  welcomeSchema,
} from '../../../protocol/login.ts';
import {decodePayload} from '../../../protocol/messages.ts';
import {CertificateError} from './certificate-error.ts';
import type {TlsSession} from './ways/way.ts';

/** What is remembered of servers, for addresses that do not say it. */
export type Trust = {
  tokenFor(server: Server): string | undefined;
  /** SHA-256 of the certificate that the server had before, in 64 hexadecimal digits. */
  fingerprintFor(server: TlsServer): string | undefined;
  /** Ask whether the certificate is that of the server that is meant, and remember it if so. */
  confirm?(error: CertificateError, signal: AbortSignal): Promise<boolean>;
  /** There is a connection to `server`: what its address says of it is true. */
  connected?(server: Server): void;
};

export class Identity {
  readonly #server: Server;
  readonly #token: string | undefined;
  readonly #fingerprint: string | undefined;
  #session: TlsSession | undefined;
  #isKnown = false;
  #asked: {token: string; terms: LoginTerms} | undefined;

  constructor(server: Server, trust: Trust | undefined) {
    this.#server = server;
    // With ssh, knowing each other is the business of ssh.
    this.#token = server.scheme === 'ssh' ? undefined : (server.token ?? trust?.tokenFor(server));
    this.#fingerprint =
      server.scheme === 'jangadas'
        ? (server.fingerprint ?? trust?.fingerprintFor(server))
        : undefined;
  }

  /** Whether the server is known by now, and no proof is at hand that it may ask for first. */
  get mayAskAtOnce(): boolean {
    return this.#token === undefined && (this.#server.scheme !== 'jangadas' || this.#isKnown);
  }

  /**
   * A session of TLS has begun. One whose certificate is not known goes on if there is a token: then the
   * server has to prove that it knows it.
   *
   * @throws CertificateError
   */
  certificate(session: TlsSession): void {
    this.#session = session;
    if (this.#fingerprint === undefined) {
      if (this.#token === undefined) {
        throw this.#unknown(session);
      }

      return;
    }

    if (this.#fingerprint !== session.fingerprint) {
      throw new CertificateError(this.#server, session.fingerprint, this.#fingerprint);
    }

    this.#isKnown = true;
  }

  /**
   * The `login` frame for a server that greets so; undefined where it asks for none, and is known without.
   *
   * @throws JangadaError `unauthorized`, `untrusted`, `protocol`.
   */
  login({nonce, token: asksForToken}: Hello): Buffer | undefined {
    if (!asksForToken) {
      if (this.#session !== undefined && !this.#isKnown) {
        throw this.#unknown(this.#session);
      }

      return undefined;
    }

    const token = this.#token;
    if (token === undefined) {
      throw new JangadaError(
        'unauthorized',
        `${displayName(serverName(this.#server))} asks for a token. Use the whole address that it prints, --token-file or JANGADA_TOKEN`,
        {brief: 'it asks for a token'},
      );
    }

    if (nonce === undefined) {
      throw new JangadaError('protocol', 'The server asks for a token without a nonce');
    }

    const exporter = this.#session?.exporter ?? Buffer.alloc(0);
    const terms = {exporter, serverNonce: nonce, clientNonce: randomBytes(nonceSize)};
    this.#asked = {token, terms};
    return encodeLogin({nonce: terms.clientNonce, proof: proofOf('client', token, terms)});
  }

  /** The server has answered the login. @throws JangadaError `untrusted` if it does not know the token. */
  welcome(payload: Buffer): void {
    const {proof} = decodePayload(welcomeSchema, payload, 'protocol');
    const asked = this.#asked;
    if (asked === undefined || !isSameProof(proof, proofOf('server', asked.token, asked.terms))) {
      throw new JangadaError(
        'untrusted',
        `${displayName(serverName(this.#server))} does not know the token: it is not the server that it says it is. Nothing was asked of it`,
        {brief: 'it does not know the token'},
      );
    }
  }

  #unknown({fingerprint}: TlsSession): CertificateError {
    return new CertificateError(this.#server, fingerprint, undefined);
  }
}
