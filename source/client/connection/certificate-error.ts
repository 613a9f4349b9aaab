import {type Server, serverName} from '../../../protocol/address.ts';
import {displayName} from '../../../protocol/display-text.ts';
import {JangadaError} from '../../../protocol/errors.ts';

/** A server shows an unknown certificate, or another one than before. */
export class CertificateError extends JangadaError {
  readonly server: Server;
  /** SHA-256 of the certificate that the server shows, in 64 hexadecimal digits. */
  readonly fingerprint: string;
  /** SHA-256 of the expected certificate; undefined if none is known. */
  readonly expected: string | undefined;

  constructor(server: Server, fingerprint: string, expected: string | undefined) {
    const name = displayName(serverName(server));
    super(
      'untrusted',
      expected === undefined
        ? `The certificate of ${name} is not known here: sha256:${fingerprint}. ` +
            'If jangada-server prints the same there, add --fingerprint with it, or use the whole address that it prints'
        : `${name} has another certificate than it should: it shows sha256:${fingerprint}, and sha256:${expected} is expected. ` +
            'Somebody may be in the middle; nothing was sent. ' +
            'If the server was set up anew, use the whole address that it prints now; ' +
            'the certificate before may be remembered in known-servers, beside the configuration',
      {
        brief:
          expected === undefined ? 'its certificate is not known' : 'its certificate has changed',
      },
    );
    this.server = server;
    this.fingerprint = fingerprint;
    this.expected = expected;
  }
}
