/**
 * Checks that the server is the one that the user means, and proves to the server that the client knows the token. Over
 * TLS a server is known by its certificate, or by its proof that it knows the token. No request is sent before that.
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

/** Remembered tokens and fingerprints, for addresses that do not contain them. */
export type Trust = {
  tokenFor(server: Server): string | undefined;
  /** SHA-256 of the certificate that the server showed before, in 64 hexadecimal digits. */
  fingerprintFor(server: TlsServer): string | undefined;
  /** Ask the user whether this is the certificate of the intended server; if so, remember it. */
  confirm?(error: CertificateError, signal: AbortSignal): Promise<boolean>;
  /** A connection to `server` was made, so the token and fingerprint in its address are right. */
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
    // Over ssh, ssh itself authenticates both sides.
    this.#token = server.scheme === 'ssh' ? undefined : (server.token ?? trust?.tokenFor(server));
    this.#fingerprint =
      server.scheme === 'jangadas'
        ? (server.fingerprint ?? trust?.fingerprintFor(server))
        : undefined;
  }

  /** Whether the server is already known and this side has no token that it may have to prove first. */
  get mayAskAtOnce(): boolean {
    return this.#token === undefined && (this.#server.scheme !== 'jangadas' || this.#isKnown);
  }

  /**
   * A TLS session has begun. If the certificate is unknown and there is a token, the session continues: the server then
   * has to prove that it knows the token.
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
   * The `login` frame for a server that sent this greeting; undefined if it asks for none and is known without it.
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
        `${displayName(serverName(this.#server))} asks for a token. Use the whole address that jangada-server printed, --token-file or JANGADA_TOKEN`,
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

  /**
   * Checks the server's answer to the login. @throws JangadaError `untrusted` if the server does not know the token.
   */
  welcome(payload: Buffer): void {
    const {proof} = decodePayload(welcomeSchema, payload, 'protocol');
    const asked = this.#asked;
    if (asked === undefined || !isSameProof(proof, proofOf('server', asked.token, asked.terms))) {
      throw new JangadaError(
        'untrusted',
        `${displayName(serverName(this.#server))} does not know the token, so it is not the server that you mean. Nothing was requested from it`,
        {brief: 'it does not know the token'},
      );
    }
  }

  #unknown({fingerprint}: TlsSession): CertificateError {
    return new CertificateError(this.#server, fingerprint, undefined);
  }
}
