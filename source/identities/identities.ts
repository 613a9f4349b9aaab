/** Certificates and tokens of servers that this user knows, given on the command line or remembered from before. */
import {join} from 'node:path';
import {
  isSameServer,
  isToken,
  parseFingerprint,
  type Server,
  type TlsServer,
} from '../../protocol/address.ts';
import {isJangadaError, type JangadaError} from '../../protocol/errors.ts';
import {configFolder, stateFolder} from '../../protocol/program/user-folders.ts';
import type {CertificateError} from '../client/connection/certificate-error.ts';
import type {Trust} from '../client/connection/identity.ts';
import {ServerLines} from './server-lines.ts';

type IdentitiesOptions = {
  environment: Readonly<Record<string, string | undefined>>;
  /** A token that was given with the addresses, and the servers that it is for. */
  token?: {readonly text: string; readonly servers: readonly Server[]} | undefined;
  /** Asks the user whether the certificate belongs to the right server; without it no user can be asked. */
  ask?: ((error: CertificateError, signal: AbortSignal) => Promise<boolean>) | undefined;
  /** Called with an error when a value cannot be remembered. */
  onFault: (error: JangadaError) => void;
};

export class Identities implements Trust {
  readonly #options: IdentitiesOptions;
  readonly #certificates: ServerLines;
  readonly #tokens: ServerLines;

  /** @throws JangadaError `usage` for invalid folders in the environment. */
  constructor(options: IdentitiesOptions) {
    this.#options = options;
    const {environment} = options;
    this.#certificates = new ServerLines(join(configFolder(environment), 'known-servers'), {
      isSecret: false,
      parse: parseFingerprint,
      format: fingerprint => `sha256:${fingerprint}`,
      heading: '# Servers that jangada trusts, and the SHA-256 of their certificates.\n',
      folder: 'JANGADA_CONFIG',
    });
    this.#tokens = new ServerLines(join(stateFolder(environment), 'known-tokens'), {
      isSecret: true,
      parse: text => (isToken(text) ? text : undefined),
      format: token => token,
      heading: '# Tokens of servers that jangada has used. Keep them secret.\n',
      folder: 'JANGADA_STATE',
    });
  }

  tokenFor(server: Server): string | undefined {
    const {token} = this.#options;
    return token?.servers.some(given => isSameServer(given, server))
      ? token.text
      : (this.#tokens.valueFor(server) ?? token?.text);
  }

  fingerprintFor(server: TlsServer): string | undefined {
    return this.#certificates.valueFor(server);
  }

  async confirm(error: CertificateError, signal: AbortSignal): Promise<boolean> {
    const {ask} = this.#options;
    // A changed certificate is an error, never a question: users would answer yes.
    if (error.expected !== undefined || ask === undefined || !(await ask(error, signal))) {
      return false;
    }

    this.accept(error);
    return true;
  }

  /** Trust a server with this certificate from now on. @throws JangadaError `local_io`. */
  accept({fingerprint, server}: CertificateError): void {
    this.#certificates.remember(server, fingerprint);
  }

  connected(server: Server): void {
    if (server.scheme !== 'jangadas') {
      return;
    }

    try {
      if (server.fingerprint !== undefined) {
        this.#certificates.remember(server, server.fingerprint);
      }

      if (server.token !== undefined) {
        this.#tokens.remember(server, server.token);
      }
    } catch (error) {
      if (!isJangadaError(error)) {
        throw error;
      }

      this.#options.onFault(error);
    }
  }
}
